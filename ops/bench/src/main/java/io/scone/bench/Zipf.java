package io.scone.bench;

import java.util.Arrays;
import java.util.Random;

/**
 * Numbers from 0 to n - 1 that follow a Zipf distribution, scrambled: which numbers are the
 * frequent ones is chosen at random.
 */
final class Zipf {
  private final double[] cumulative;
  private final int[] numbers;
  private final Random random;

  /**
   * Makes a sampler.
   *
   * @param n how many numbers there are
   * @param exponent the number of rank r comes up in proportion to 1 / r^exponent
   */
  Zipf(int n, double exponent, long seed) {
    random = new Random(seed);
    cumulative = new double[n];
    double sum = 0;
    for (int i = 0; i < n; i++) {
      sum += Math.pow(i + 1, -exponent);
      cumulative[i] = sum;
    }
    numbers = new int[n];
    for (int i = 0; i < n; i++) {
      int other = random.nextInt(i + 1);
      numbers[i] = numbers[other];
      numbers[other] = i;
    }
  }

  int next() {
    double at = random.nextDouble() * cumulative[cumulative.length - 1];
    int found = Arrays.binarySearch(cumulative, at);
    return numbers[found < 0 ? -found - 1 : found];
  }
}
