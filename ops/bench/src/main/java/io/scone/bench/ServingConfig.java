package io.scone.bench;

import java.time.Duration;
import java.util.List;

/**
 * What {@link ServingBenchmark} measures.
 *
 * @param stores in the order to print them
 * @param batches the positions or f-grams of a call
 * @param inFlight the calls under way at any time
 * @param time how long each store is measured in each cell and round
 * @param rounds how often
 * @param warmUp how long each store is asked by each workload before anything is measured; every
 *     byte of every answer is checked meanwhile
 * @param starts how often each cache server is started to measure that; the last one serves
 */
public record ServingConfig(
    List<Store> stores,
    List<Workload> workloads,
    List<Integer> batches,
    List<Integer> inFlight,
    Duration time,
    int rounds,
    Duration warmUp,
    int starts) {
  public ServingConfig {
    stores = distinct(stores, "stores");
    workloads = distinct(workloads, "workloads");
    batches = distinct(batches, "batches");
    inFlight = distinct(inFlight, "calls in flight");
    check(batches.stream().allMatch(batch -> batch > 0), "a batch must be positive");
    check(inFlight.stream().allMatch(calls -> calls > 0), "calls in flight must be positive");
    check(time.toNanos() > 0, "a measurement must take some time");
    check(rounds > 0, "there must be a round");
    check(starts > 0, "a server must be started");
    check(!warmUp.isNegative(), "the warm-up cannot be negative");
  }

  private static <T> List<T> distinct(List<T> values, String what) {
    check(!values.isEmpty(), "name " + what);
    return values.stream().distinct().toList();
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
