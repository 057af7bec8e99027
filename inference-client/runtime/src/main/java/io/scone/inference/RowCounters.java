package io.scone.inference;

import java.time.Duration;

/** Counts for {@link RowStatistics}. Safe for use by many threads. */
final class RowCounters {
  private RowStatistics sum = RowStatistics.NONE;

  /** Counts a step, and the tokens that were known ahead, by the cache, and waited for. */
  void step(Duration waited, int prefetched, int cached, int awaited) {
    add(
        new RowStatistics(
            1,
            waited.isZero() ? 0 : 1,
            waited,
            prefetched,
            cached,
            awaited,
            0,
            0,
            Duration.ZERO,
            0));
  }

  /** Counts a part of a prompt. */
  void chunk(Duration waited) {
    add(new RowStatistics(0, 0, Duration.ZERO, 0, 0, 0, 1, waited.isZero() ? 0 : 1, waited, 0));
  }

  /** Counts tokens that took their own embedding. */
  void missing(int tokens) {
    add(new RowStatistics(0, 0, Duration.ZERO, 0, 0, 0, 0, 0, Duration.ZERO, tokens));
  }

  synchronized RowStatistics statistics() {
    return sum;
  }

  private synchronized void add(RowStatistics more) {
    sum = sum.plus(more);
  }
}
