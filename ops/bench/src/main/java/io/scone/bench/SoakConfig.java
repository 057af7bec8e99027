package io.scone.bench;

import java.time.Duration;
import java.util.List;

/**
 * The load of {@link SoakBenchmark}.
 *
 * @param time how long
 * @param swapEvery the time from one exchange of the served table to the next; none begins before
 *     the one before is done
 * @param batch the positions of a call
 * @param inFlight the calls under way at any time
 * @param serverOptions further options of the cache server's command line
 */
public record SoakConfig(
    Duration time, Duration swapEvery, int batch, int inFlight, List<String> serverOptions) {
  public SoakConfig {
    serverOptions = List.copyOf(serverOptions);
    check(time.toNanos() > 0, "a soak must take some time");
    check(swapEvery.toNanos() > 0, "the time between two swaps must be positive");
    check(batch > 0, "a batch must be positive");
    check(inFlight > 0, "calls in flight must be positive");
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
