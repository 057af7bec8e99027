package io.scone.training;

import java.util.Locale;

/**
 * How a training run is carried out; the trained weights do not depend on it, but for rounding.
 *
 * @param device where it computes
 * @param threads CPU threads of one operation, or 0 for all cores
 * @param logInterval steps between two entries of the log
 * @param validationInterval steps between two validations, or 0 for one at the end only
 * @param validationTokens the most tokens of the validation corpus to read in one validation
 * @param checkpointInterval steps between two checkpoints, or 0 for one at the end only
 * @param keptCheckpoints the latest checkpoints that are kept
 * @param activationCheckpointing whether each block's activations are computed again for its
 *     gradients instead of being kept: a third more arithmetic, for far less memory
 */
public record RunOptions(
    ComputeDevice device,
    int threads,
    int logInterval,
    int validationInterval,
    long validationTokens,
    int checkpointInterval,
    int keptCheckpoints,
    boolean activationCheckpointing) {
  /** Takes a GPU if there is one, logs every 10 steps and keeps two checkpoints. */
  public static final RunOptions DEFAULT =
      new RunOptions(ComputeDevice.AUTO, 0, 10, 0, 1 << 18, 500, 2, false);

  /** Checks that the fields are in bounds. */
  public RunOptions {
    check(threads >= 0, "threads is %d, not 0 or more", threads);
    check(logInterval > 0, "log interval is %d, not positive", logInterval);
    check(validationInterval >= 0, "validation interval is %d", validationInterval);
    check(validationTokens > 0, "validation tokens is %d, not positive", validationTokens);
    check(checkpointInterval >= 0, "checkpoint interval is %d", checkpointInterval);
    check(keptCheckpoints > 0, "kept checkpoints is %d, not positive", keptCheckpoints);
  }

  /** Returns the same options for another device and number of CPU threads. */
  public RunOptions on(ComputeDevice otherDevice, int otherThreads) {
    return new RunOptions(
        otherDevice,
        otherThreads,
        logInterval,
        validationInterval,
        validationTokens,
        checkpointInterval,
        keptCheckpoints,
        activationCheckpointing);
  }

  /** Returns the same options with or without activation checkpointing. */
  public RunOptions withActivationCheckpointing(boolean wanted) {
    return new RunOptions(
        device,
        threads,
        logInterval,
        validationInterval,
        validationTokens,
        checkpointInterval,
        keptCheckpoints,
        wanted);
  }

  private static void check(boolean condition, String format, long value) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, value));
    }
  }
}
