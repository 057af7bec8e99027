package io.scone.inference;

import java.time.Duration;

/**
 * What a row source did until one moment: how often the model waited for rows, and why not.
 *
 * @param steps steps of decoding
 * @param stepsWaited of these, the ones that waited for the network
 * @param stepsWait the time that they waited, together
 * @param prefetched tokens of steps whose rows, or that they have none, had been fetched ahead
 * @param cached tokens of steps that the row cache knew
 * @param awaited tokens of steps that were asked for and waited for
 * @param chunks parts of prompts
 * @param chunksWaited of these, the ones whose rows were not there when the model wanted them
 * @param chunksWait the time that they were waited for, together
 * @param missing tokens that took their own embedding because their rows could not be had
 */
public record RowStatistics(
    long steps,
    long stepsWaited,
    Duration stepsWait,
    long prefetched,
    long cached,
    long awaited,
    long chunks,
    long chunksWaited,
    Duration chunksWait,
    long missing) {
  /** What a source that never waits has done. */
  public static final RowStatistics NONE =
      new RowStatistics(0, 0, Duration.ZERO, 0, 0, 0, 0, 0, Duration.ZERO, 0);

  /** Returns what was done since an earlier moment. */
  public RowStatistics since(RowStatistics earlier) {
    return plus(earlier, -1);
  }

  /** Returns what was done in two stretches of time together. */
  RowStatistics plus(RowStatistics more) {
    return plus(more, 1);
  }

  private RowStatistics plus(RowStatistics other, int sign) {
    return new RowStatistics(
        steps + sign * other.steps,
        stepsWaited + sign * other.stepsWaited,
        stepsWait.plus(other.stepsWait.multipliedBy(sign)),
        prefetched + sign * other.prefetched,
        cached + sign * other.cached,
        awaited + sign * other.awaited,
        chunks + sign * other.chunks,
        chunksWaited + sign * other.chunksWaited,
        chunksWait.plus(other.chunksWait.multipliedBy(sign)),
        missing + sign * other.missing);
  }

  /** Returns the share of the tokens of steps that were fetched ahead; NaN without any. */
  public double prefetchHitRate() {
    return (double) prefetched / (prefetched + cached + awaited);
  }

  /** Returns the share of the other tokens of steps that the row cache knew; NaN without any. */
  public double cacheHitRate() {
    return (double) cached / (cached + awaited);
  }
}
