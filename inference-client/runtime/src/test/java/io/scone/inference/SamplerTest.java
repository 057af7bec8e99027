package io.scone.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.FloatBuffer;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  /** Probabilities 0.1, 0.4, 0.2 and 0.3. */
  private static final FloatBuffer LOGITS =
      logits(Math.log(1), Math.log(4), Math.log(2), Math.log(3));

  @Test
  void withoutLimitsTheDistributionIsTheModels() {
    assertDistribution(new Sampling(1, 0, 1, 0), 0.1, 0.4, 0.2, 0.3);
  }

  @Test
  void temperatureDividesTheLogits() {
    assertDistribution(new Sampling(0.5, 0, 1, 0), 1 / 30., 16 / 30., 4 / 30., 9 / 30.);
  }

  @Test
  void topKKeepsTheLikeliest() {
    assertDistribution(new Sampling(1, 1, 1, 0), 0, 1, 0, 0);
    assertDistribution(new Sampling(1, 2, 1, 0), 0, 4 / 7., 0, 3 / 7.);
    assertDistribution(new Sampling(1, 9, 1, 0), 0.1, 0.4, 0.2, 0.3);
  }

  @Test
  void topPKeepsTheLikeliestUntilTheirSumReachesIt() {
    assertDistribution(new Sampling(1, 0, 0.39, 0), 0, 1, 0, 0);
    assertDistribution(new Sampling(1, 0, 0.41, 0), 0, 4 / 7., 0, 3 / 7.);
    assertDistribution(new Sampling(1, 0, 0.71, 0), 0, 4 / 9., 2 / 9., 3 / 9.);
  }

  @Test
  void topPCountsWhatTopKLeft() {
    // Of 4, 3 and 2 ninths the first is less than a half, the first two are more.
    assertDistribution(new Sampling(1, 3, 0.5, 0), 0, 4 / 7., 0, 3 / 7.);
    // The temperature comes first: of 16, 9 and 4 of 29 the first is enough.
    assertDistribution(new Sampling(0.5, 3, 0.5, 0), 0, 1, 0, 0);
  }

  @Test
  void limitsEqualThoseOfAFullSort() {
    Random random = new Random(1);
    for (int round = 0; round < 200; round++) {
      int size = 1 + random.nextInt(500);
      float spread = random.nextInt(20);
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = Math.round(random.nextGaussian() * spread) / 2f; // many ties
      }
      Sampling sampling =
          new Sampling(
              0.3 + random.nextDouble(),
              random.nextInt(size),
              random.nextBoolean() ? 1 : 1 - random.nextDouble(),
              0);
      assertArrayEquals(
          sorted(values, sampling),
          new Sampler(sampling).distribution(FloatBuffer.wrap(values)),
          1e-9,
          sampling.toString());
    }
  }

  @Test
  void choicesFollowTheDistributionAndTheSeed() {
    Sampling sampling = new Sampling(1, 3, 1, 42);
    Sampler sampler = new Sampler(sampling);
    Sampler again = new Sampler(sampling);
    int[] counts = new int[4];
    for (int i = 0; i < 90_000; i++) {
      int token = sampler.sample(LOGITS);
      assertEquals(token, again.sample(LOGITS));
      counts[token]++;
    }
    assertEquals(0, counts[0]);
    assertEquals(40_000, counts[1], 800);
    assertEquals(20_000, counts[2], 800);
    assertEquals(30_000, counts[3], 800);
  }

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    Sampler sampler = new Sampler(Sampling.GREEDY);
    assertEquals(1, sampler.sample(LOGITS));
    assertEquals(2, sampler.sample(logits(-5, -3, -1, -1)));
    FloatBuffer part = logits(9, 9, 1, 2).position(2);
    assertEquals(1, sampler.sample(part));
  }

  @Test
  void logitsThatAreNoNumbersAreRefused() {
    assertThrows(
        InferenceException.class, () -> new Sampler(Sampling.GREEDY).sample(logits(1, Double.NaN)));
  }

  @Test
  void settingsOutOfBoundsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Sampling(-1, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(Double.NaN, 0, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, -1, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, 0, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Sampling(1, 0, 1.1, 0));
  }

  private static void assertDistribution(Sampling sampling, double... expected) {
    assertArrayEquals(expected, new Sampler(sampling).distribution(LOGITS), 1e-7);
  }

  /** The definition, by sorting everything. */
  private static double[] sorted(float[] logits, Sampling sampling) {
    double[] weights = new double[logits.length];
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp(logits[i] / sampling.temperature());
    }
    List<Integer> tokens =
        IntStream.range(0, logits.length)
            .boxed()
            .sorted(Comparator.comparing((Integer i) -> -logits[i]))
            .limit(sampling.topK() == 0 ? logits.length : sampling.topK())
            .toList();
    double total = tokens.stream().mapToDouble(i -> weights[i]).sum();
    double[] kept = new double[logits.length];
    double sum = 0;
    for (int token : tokens) {
      if (sum >= sampling.topP() * total && sampling.topP() < 1) {
        break;
      }
      kept[token] = weights[token];
      sum += weights[token];
    }
    for (int i = 0; i < kept.length; i++) {
      kept[i] /= sum;
    }
    return kept;
  }

  private static FloatBuffer logits(double... values) {
    FloatBuffer buffer = FloatBuffer.allocate(values.length);
    for (double value : values) {
      buffer.put((float) value);
    }
    return buffer.flip();
  }
}
