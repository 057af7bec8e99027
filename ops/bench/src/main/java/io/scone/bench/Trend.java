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

  /** Returns the trend of one amount in samples, of which there must be one. */
  static Trend of(List<SoakResults.Sample> samples, ToDoubleFunction<SoakResults.Sample> amountOf) {
    List<SoakResults.Sample> warm = samples.subList(samples.size() / WARM_UP_SHARE, samples.size());
    double meanTime = warm.stream().mapToDouble(s -> s.seconds()).average().orElseThrow();
    double meanAmount = warm.stream().mapToDouble(amountOf).average().orElseThrow();
    double covariance = 0;
    double variance = 0;
    for (SoakResults.Sample sample : warm) {
      double time = sample.seconds() - meanTime;
      covariance += time * (amountOf.applyAsDouble(sample) - meanAmount);
      variance += time * time;
    }
    return new Trend(
        warm.stream().mapToDouble(amountOf).min().orElseThrow(),
        warm.stream().mapToDouble(amountOf).max().orElseThrow(),
        variance == 0 ? 0 : covariance / variance * SECONDS_PER_MINUTE);
  }
}
