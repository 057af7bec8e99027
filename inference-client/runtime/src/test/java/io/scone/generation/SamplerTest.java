package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.inference.InferenceException;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SamplerTest {
  /** Probabilities 0.1, 0.4, 0.2 and 0.3. */
  private static final float[] LOGITS = logits(Math.log(1), Math.log(4), Math.log(2), Math.log(3));

  @Test
  void withoutLimitsTheDistributionIsTheModels() {
    assertDistribution(random(), 0.1, 0.4, 0.2, 0.3);
  }

  @Test
  void temperatureDividesTheLogits() {
    assertDistribution(random().temperature(0.5), 1 / 30., 16 / 30., 4 / 30., 9 / 30.);
  }

  @Test
  void topKKeepsTheLikeliest() {
    assertDistribution(random().topK(1), 0, 1, 0, 0);
    assertDistribution(random().topK(2), 0, 4 / 7., 0, 3 / 7.);
    assertDistribution(random().topK(9), 0.1, 0.4, 0.2, 0.3);
  }

  @Test
  void topPKeepsTheLikeliestUntilTheirSumReachesIt() {
    assertDistribution(random().topP(0.39), 0, 1, 0, 0);
    assertDistribution(random().topP(0.41), 0, 4 / 7., 0, 3 / 7.);
    assertDistribution(random().topP(0.71), 0, 4 / 9., 2 / 9., 3 / 9.);
    assertDistribution(random().topP(0.91), 0.1, 0.4, 0.2, 0.3);
  }

  @Test
  void topPCountsWhatTopKLeft() {
    // Of 4, 3 and 2 ninths the first is less than a half, the first two are more.
    assertDistribution(random().topK(3).topP(0.5), 0, 4 / 7., 0, 3 / 7.);
    // The temperature comes first: of 16, 9 and 4 of 29 the first is enough.
    assertDistribution(random().temperature(0.5).topK(3).topP(0.5), 0, 1, 0, 0);
  }

  @Test
  void minPKeepsWhatIsLikelyBesideTheLikeliest() {
    assertDistribution(random().minP(0.2), 0.1, 0.4, 0.2, 0.3);
    assertDistribution(random().minP(0.49), 0, 4 / 9., 2 / 9., 3 / 9.);
    assertDistribution(random().minP(0.51), 0, 4 / 7., 0, 3 / 7.);
    // The temperature comes first: 4 of 16 are less than 0.26.
    assertDistribution(random().temperature(0.5).minP(0.26), 0, 16 / 25., 0, 9 / 25.);
  }

  @Test
  void minPCountsWhatTopPLeft() {
    assertDistribution(random().topP(0.71).minP(0.74), 0, 4 / 7., 0, 3 / 7.);
    assertDistribution(random().topK(2).minP(0.76), 0, 1, 0, 0);
  }

  @Test
  void whatIsRuledOutIsNeverChosen() {
    float[] logits = LOGITS.clone();
    logits[1] = Float.NEGATIVE_INFINITY;
    for (Sampling.Builder each :
        List.of(random(), random().topK(3), random().topP(0.999), random().minP(0.01))) {
      double[] expected = {1 / 6., 0, 2 / 6., 3 / 6.};
      assertArrayEquals(expected, sampler(each.build()).distribution(logits), 1e-7);
    }
  }

  @Test
  void limitsEqualThoseOfAFullSort() {
    Random random = new Random(1);
    for (int round = 0; round < 300; round++) {
      int size = 1 + random.nextInt(2000);
      float spread = random.nextInt(20);
      float[] values = new float[size];
      for (int i = 0; i < size; i++) {
        values[i] = Math.round(random.nextGaussian() * spread) / 2f; // many ties
      }
      Sampling sampling =
          random()
              .temperature(0.3 + random.nextDouble())
              .topK(random.nextBoolean() ? 0 : random.nextInt(size))
              .topP(random.nextBoolean() ? 1 : 1 - random.nextDouble())
              .minP(random.nextBoolean() ? 0 : random.nextDouble())
              .build();
      assertArrayEquals(
          sorted(values, sampling),
          sampler(sampling).distribution(values),
          1e-9,
          sampling.toString());
    }
  }

  /**
   * Ten seeds with 50,000 choices each: no sum of chi-squares is so high in 999 of 1,000 fair
   * samples.
   */
  @Test
  void choicesFollowTheDistribution() {
    float[] logits = new float[30];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) (2 * Math.sin(7 * i));
    }
    for (Sampling.Builder each :
        List.of(
            random().topK(20),
            random().topK(20).temperature(1.7),
            random().topP(0.9),
            random().minP(0.05),
            random())) {
      double chiSquare = 0;
      double freedom = 0;
      for (int seed = 0; seed < 10; seed++) {
        Sampler sampler = sampler(each.seed(seed).build());
        double[] expected = sampler.distribution(logits);
        chiSquare += chiSquare(count(sampler, logits, 50_000), expected, 50_000);
        freedom += Arrays.stream(expected).filter(probability -> probability > 0).count() - 1;
      }
      // The 0.999 quantile by Wilson and Hilferty's approximation.
      double cube = 1 - 2 / (9 * freedom) + 3.09 * Math.sqrt(2 / (9 * freedom));
      double critical = freedom * cube * cube * cube;
      assertTrue(chiSquare < critical, each.build() + ": " + chiSquare + " of " + critical);
    }
  }

  private static int[] count(Sampler sampler, float[] logits, int draws) {
    int[] counts = new int[logits.length];
    Candidates candidates = new Candidates();
    for (int i = 0; i < draws; i++) {
      counts[sampler.sample(logits, candidates)]++;
    }
    return counts;
  }

  private static double chiSquare(int[] counts, double[] expected, int draws) {
    double sum = 0;
    for (int i = 0; i < counts.length; i++) {
      if (expected[i] == 0) {
        assertEquals(0, counts[i]);
      } else {
        double difference = counts[i] - draws * expected[i];
        sum += difference * difference / (draws * expected[i]);
      }
    }
    return sum;
  }

  @Test
  void theSameSeedMakesTheSameChoices() {
    Sampling sampling = random().topK(3).seed(42).build();
    Sampler one = sampler(sampling);
    Sampler again = sampler(sampling);
    Candidates candidates = new Candidates();
    for (int i = 0; i < 1000; i++) {
      assertEquals(one.sample(LOGITS, candidates), again.sample(LOGITS, candidates));
    }
  }

  @Test
  void greedyTakesTheFirstOfTheLargest() {
    Sampler sampler = sampler(Sampling.greedy());
    assertEquals(1, sampler.sample(LOGITS, new Candidates()));
    assertEquals(2, sampler.sample(logits(-5, -3, -1, -1), new Candidates()));
  }

  @Test
  void logitsThatLeaveNoChoiceAreRefused() {
    Sampler sampler = sampler(Sampling.greedy());
    for (float[] damaged : List.of(logits(1, Double.NaN), logits(1, Double.POSITIVE_INFINITY))) {
      assertThrows(InferenceException.class, () -> sampler.sample(damaged, new Candidates()));
    }
    float[] ruledOut = logits(Double.NEGATIVE_INFINITY, Double.NEGATIVE_INFINITY);
    assertThrows(IllegalArgumentException.class, () -> sampler.sample(ruledOut, new Candidates()));
  }

  @Test
  void settingsOutOfBoundsAreRefused() {
    assertRefused("the temperature is -1.0, it must be 0 or more", random().temperature(-1));
    assertRefused("the temperature is NaN", random().temperature(Double.NaN));
    assertRefused("top-k is -1", random().topK(-1));
    assertRefused("top-p is 0.0", random().topP(0));
    assertRefused("top-p is 1.1", random().topP(1.1));
    assertRefused("min-p is 1.0", random().minP(1));
    assertRefused("the repetition penalty is 0.0", random().repetitionPenalty(0));
    assertRefused("the presence penalty is 2.1", random().presencePenalty(2.1));
    assertRefused("the frequency penalty is NaN", random().frequencyPenalty(Double.NaN));
    assertRefused("the n-grams that must not repeat have -1", random().noRepeatNgram(-1));
    assertRefused("a bad word has 0 tokens", random().badWords(List.of(List.of())));
  }

  private static void assertRefused(String sentence, Sampling.Builder sampling) {
    Exception e = assertThrows(IllegalArgumentException.class, sampling::build);
    assertTrue(e.getMessage().startsWith(sentence), e.getMessage());
  }

  private static Sampling.Builder random() {
    return Sampling.builder().temperature(1);
  }

  private static Sampler sampler(Sampling sampling) {
    return new Sampler(sampling, new SplittableRandom(sampling.seed()));
  }

  private static void assertDistribution(Sampling.Builder sampling, double... expected) {
    assertArrayEquals(expected, sampler(sampling.build()).distribution(LOGITS), 1e-7);
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
    double keptSum = 0;
    for (int token : tokens) {
      if (sum >= sampling.topP() * total && sampling.topP() < 1) {
        break;
      }
      sum += weights[token];
      if (weights[token] >= sampling.minP() * weights[tokens.get(0)] * (1 - 1e-12)) {
        kept[token] = weights[token];
        keptSum += weights[token];
      }
    }
    for (int i = 0; i < kept.length; i++) {
      kept[i] /= keptSum;
    }
    return kept;
  }

  private static float[] logits(double... values) {
    float[] logits = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      logits[i] = (float) values[i];
    }
    return logits;
  }
}
