package io.scone.bench;

import java.util.Collection;

/** The middle and the extremes of some measurements. */
record Summary(double median, double min, double max) {
  /**
   * Returns the summary of one number at least; of an even count the median is the mean of the two
   * in the middle.
   */
  static Summary of(Collection<Double> numbers) {
    double[] sorted = numbers.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Summary(median, sorted[0], sorted[sorted.length - 1]);
  }
}
