package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class ZipfTest {
  private static final int NUMBERS = 1000;
  private static final int DRAWS = 200_000;

  @Test
  void ranksComeUpAsTheirPowersSay() {
    int[] counts = counts(new Zipf(NUMBERS, 0.99, 1));
    double sum = 0;
    for (int rank = 1; rank <= NUMBERS; rank++) {
      sum += Math.pow(rank, -0.99);
    }
    Arrays.sort(counts);
    assertEquals(1 / sum, counts[NUMBERS - 1] / (double) DRAWS, 0.01);
    assertEquals(Math.pow(2, -0.99) / sum, counts[NUMBERS - 2] / (double) DRAWS, 0.01);
    int[] tenth = Arrays.copyOfRange(counts, NUMBERS - NUMBERS / 10, NUMBERS);
    assertTrue(Arrays.stream(tenth).sum() > DRAWS * 0.6);
  }

  @Test
  void theFrequentNumbersAreNotTheFirstOnes() {
    int[] one = counts(new Zipf(NUMBERS, 0.99, 1));
    int[] other = counts(new Zipf(NUMBERS, 0.99, 2));
    assertNotEquals(mostFrequent(one), mostFrequent(other));
  }

  @Test
  void theSameSeedGivesTheSameNumbers() {
    assertTrue(
        Arrays.equals(counts(new Zipf(NUMBERS, 0.99, 5)), counts(new Zipf(NUMBERS, 0.99, 5))));
  }

  private static int[] counts(Zipf zipf) {
    int[] counts = new int[NUMBERS];
    for (int i = 0; i < DRAWS; i++) {
      counts[zipf.next()]++;
    }
    return counts;
  }

  private static int mostFrequent(int[] counts) {
    int best = 0;
    for (int i = 1; i < counts.length; i++) {
      best = counts[i] > counts[best] ? i : best;
    }
    return best;
  }
}
