package io.scone.progress;

/**
 * Follows long work, one task after another.
 *
 * <p>{@link #advance} may be called by several threads at once, the other methods by one.
 */
public interface Progress {
  /** Shows nothing. */
  Progress NONE =
      new Progress() {
        @Override
        public void begin(String task, long total, String unit) {}

        @Override
        public void advance(long units) {}

        @Override
        public void note(String text) {}

        @Override
        public void end() {}
      };

  /**
   * Begins a task.
   *
   * @param task what is done, such as {@code counting 3-grams}
   * @param total the units the task has, or -1 if that is not known
   * @param unit what is counted, in the plural, such as {@code tokens}
   */
  void begin(String task, long total, String unit);

  /** Reports that {@code units} more are done. */
  void advance(long units);

  /** Replaces the remark shown beside the task's progress, such as {@code loss 3.21}. */
  void note(String text);

  /** Ends the task. */
  void end();
}
