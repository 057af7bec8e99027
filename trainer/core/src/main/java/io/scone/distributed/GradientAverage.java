package io.scone.distributed;

/** The averaging of gradients over the processes of a job while a backward pass computes them. */
public interface GradientAverage extends AutoCloseable {
  /** One process has nothing to average. */
  GradientAverage ALONE =
      new GradientAverage() {
        @Override
        public void during(Runnable backward) {
          backward.run();
        }

        @Override
        public void close() {}
      };

  /**
   * Runs the backward pass that completes the gradients, those of passes before it included, and
   * leaves the average over all processes in their place. It must give every weight a gradient.
   */
  void during(Runnable backward);

  @Override
  void close();
}
