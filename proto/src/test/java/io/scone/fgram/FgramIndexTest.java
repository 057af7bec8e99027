package io.scone.fgram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class FgramIndexTest {
  @Property(tries = 200)
  void agreesWithBruteForceOnRandomSetsAndText(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 20) int vocabularySize,
      @ForAll @IntRange(min = 2, max = 6) int maxNgram,
      @ForAll @IntRange(min = 0, max = 300) int size) {
    Random random = new Random(seed);
    List<byte[]> keys = randomKeysClosedUnderSuffixes(random, vocabularySize, maxNgram, size);
    FgramIndex.Builder builder = FgramIndex.builder(vocabularySize, maxNgram, random.nextInt(400));
    Map<List<Integer>, Integer> ordinals = new HashMap<>();
    for (byte[] key : keys) {
      builder.add(FgramKey.decode(key));
      ordinals.put(boxed(FgramKey.decode(key)), ordinals.size());
    }
    FgramIndex index = builder.build();
    assertEquals(keys.size(), index.size());

    int[] text = random.ints(200, 0, vocabularySize).toArray();
    int[] starts = new int[text.length];
    int[] positions = new int[text.length];
    long[] expectedMatches = new long[text.length];
    for (int position = 0; position < text.length; position++) {
      int start = random.nextInt(position + 1);
      long expected = FgramIndex.NONE;
      for (int n = 2; n <= maxNgram && position - n + 1 >= start; n++) {
        int[] candidate = Arrays.copyOfRange(text, position - n + 1, position + 1);
        Integer ordinal = ordinals.get(boxed(candidate));
        assertEquals(ordinal == null ? -1 : ordinal, index.find(text, position - n + 1, n));
        if (ordinal != null) {
          expected = n; // no break: brute force looks at every length
        }
      }
      long match = index.longestMatch(text, start, position);
      starts[position] = start;
      positions[position] = position;
      expectedMatches[position] = match;
      if (expected == FgramIndex.NONE) {
        assertEquals(FgramIndex.NONE, match);
      } else {
        int n = FgramIndex.length(match);
        assertEquals(expected, n);
        int[] matched = Arrays.copyOfRange(text, position - n + 1, position + 1);
        assertEquals(ordinals.get(boxed(matched)), FgramIndex.ordinal(match));
      }
    }

    long[] matches = new long[text.length];
    int half = random.nextInt(text.length);
    index.longestMatches(text, starts, positions, 0, half, matches);
    index.longestMatches(text, starts, positions, half, text.length, matches);
    assertArrayEquals(expectedMatches, matches);
  }

  @Test
  void findsNothingOfLengthsOutsideTwoToK() {
    FgramIndex index = FgramIndex.builder(10, 2, 1).add(1, 2).build();
    assertEquals(-1, index.find(new int[] {2}, 0, 1));
    assertEquals(-1, index.find(new int[] {1, 1, 2}, 0, 3));
    assertEquals(0, index.find(new int[] {1, 1, 2}, 1, 2));
  }

  @Test
  void refusesAnFgramWithoutItsSuffix() {
    FgramIndex.Builder builder = FgramIndex.builder(10, 3, 1).add(1, 2);
    assertThrows(IllegalArgumentException.class, () -> builder.add(5, 1, 3));
  }

  @Test
  void refusesAnFgramTwice() {
    FgramIndex.Builder builder = FgramIndex.builder(10, 3, 1).add(1, 2);
    assertThrows(IllegalArgumentException.class, () -> builder.add(1, 2));
  }

  @Test
  void refusesTokensOutsideTheVocabulary() {
    FgramIndex.Builder builder = FgramIndex.builder(10, 3, 1);
    assertThrows(IllegalArgumentException.class, () -> builder.add(1, 10));
    assertThrows(IllegalArgumentException.class, () -> builder.add(-1, 1));
  }

  private static List<byte[]> randomKeysClosedUnderSuffixes(
      Random random, int vocabularySize, int maxNgram, int size) {
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    for (int i = 0; i < size; i++) {
      int n = 2 + random.nextInt(maxNgram - 1);
      int[] tokens = random.ints(n, 0, vocabularySize).toArray();
      for (int length = 2; length <= n; length++) {
        keys.add(FgramKey.encode(tokens, n - length, length));
      }
    }
    return new ArrayList<>(keys);
  }

  private static List<Integer> boxed(int[] tokens) {
    return Arrays.stream(tokens).boxed().toList();
  }
}
