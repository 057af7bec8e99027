package io.scone.bench;

import java.time.Duration;
import java.util.List;

/**
 * What is measured of fetching ahead.
 *
 * @param ahead of how many likely tokens to fetch the rows, each measured apart
 * @param cacheBytes bytes of the client's row cache, each measured apart; 0 for none
 * @param sequences how many sequences a step is made for
 * @param steps steps that are measured, after as many that are not
 * @param compute how long a step computes: the time that there is to fetch ahead
 * @param warmUp how long steps are made before
 */
public record PrefetchConfig(
    List<Integer> ahead,
    List<Long> cacheBytes,
    int sequences,
    int steps,
    Duration compute,
    Duration warmUp) {
  /** Checks the bounds. */
  public PrefetchConfig {
    ahead = List.copyOf(ahead);
    cacheBytes = List.copyOf(cacheBytes);
    if (ahead.stream().anyMatch(tokens -> tokens < 0) || ahead.isEmpty()) {
      throw new IllegalArgumentException("rows of " + ahead + " tokens cannot be fetched ahead");
    }
    if (sequences < 1 || steps < 1) {
      throw new IllegalArgumentException("there must be a sequence and a step");
    }
  }
}
