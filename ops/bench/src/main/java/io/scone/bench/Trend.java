package io.scone.bench;

import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * How an amount of memory moves once the warm-up, the first fifth of the time, is over.
 *
 * @param minMib the least
 * @param maxMib the most
 * @param slopeMibPerMinute the slope of the line of least squares
 */
public record Trend(double minMib, double maxMib, double slopeMibPerMinute) {
  private static final int WARM_UP_SHARE = 5;
  private static final double SECONDS_PER_MINUTE = 60;

  /** Returns the trend of one amount over time; that of nothing is flat. */
  static Trend of(List<ProcessMemory> memories, ToDoubleFunction<ProcessMemory> amountOf) {
    List<ProcessMemory> warm = memories.subList(memories.size() / WARM_UP_SHARE, memories.size());
    double meanTime = warm.stream().mapToDouble(m -> m.seconds()).average().orElse(0);
    double meanAmount = warm.stream().mapToDouble(amountOf).average().orElse(0);
    double covariance = 0;
    double variance = 0;
    for (ProcessMemory memory : warm) {
      double time = memory.seconds() - meanTime;
      covariance += time * (amountOf.applyAsDouble(memory) - meanAmount);
      variance += time * time;
    }
    return new Trend(
        warm.stream().mapToDouble(amountOf).min().orElse(0),
        warm.stream().mapToDouble(amountOf).max().orElse(0),
        variance == 0 ? 0 : covariance / variance * SECONDS_PER_MINUTE);
  }
}
