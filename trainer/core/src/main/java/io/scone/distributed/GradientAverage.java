package io.scone.distributed;

import org.bytedeco.pytorch.Tensor;

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
        public void average(Tensor gradients) {}

        @Override
        public void close() {}
      };

  /**
   * Runs the backward pass that completes the gradients, those of passes before it included, and
   * leaves the average over all processes in their place. It must give every weight with a dense
   * gradient one.
   */
  void during(Runnable backward);

  /**
   * Leaves the average over all processes in the place of gradients that are none of the weights'
   * above. All processes do this at the same time, with as many.
   */
  void average(Tensor gradients);

  @Override
  void close();
}
