package io.scone.mining;

import java.util.Arrays;

/**
 * The frequent n-grams of one length in key order, as one level of a trie that is walked from the
 * last token backwards: the parent of an n-gram is its suffix, and the edge its first token.
 *
 * <p>An n-gram's ordinal is its place in its level; a single token is its own ordinal.
 */
final class Level {
  private final int[] firstChild;
  private final int[] tokens;
  private final long[] counts;

  private Level(int[] firstChild, int[] tokens, long[] counts) {
    this.firstChild = firstChild;
    this.tokens = tokens;
    this.counts = counts;
  }

  /** Returns the key under which an n-gram is counted; keys sort as the n-grams do. */
  static long key(int suffix, int firstToken) {
    return (long) suffix << Integer.SIZE | firstToken;
  }

  /**
   * Returns the level of a sorted list.
   *
   * @param parents the suffixes, which the ordinals in the keys are of
   * @param size the length of the list
   */
  static Level of(int parents, CountTable list, int size) {
    int[] firstChild = new int[parents + 1];
    int[] tokens = new int[size];
    long[] counts = new long[size];
    int parent = 0;
    for (int i = 0; i < size; i++) {
      long key = list.key(i);
      while (parent <= (int) (key >>> Integer.SIZE)) {
        firstChild[parent++] = i;
      }
      tokens[i] = (int) key;
      counts[i] = list.count(i);
    }
    Arrays.fill(firstChild, parent, firstChild.length, size);
    return new Level(firstChild, tokens, counts);
  }

  int size() {
    return tokens.length;
  }

  /** Returns the bytes that a level takes in memory. */
  static long bytes(int parents, int size) {
    return (parents + 1L) * Integer.BYTES + (long) size * (Integer.BYTES + Long.BYTES);
  }

  /** Returns the bytes that the level takes in memory. */
  long bytes() {
    return bytes(firstChild.length - 1, size());
  }

  /** Returns the ordinal of the n-gram of a suffix and a first token, or a negative number. */
  int find(int suffix, int firstToken) {
    int low = firstChild[suffix];
    int count = firstChild[suffix + 1] - low;
    // Halved without a branch, whose way no processor could foresee.
    while (count > 1) {
      int half = count >>> 1;
      low += tokens[low + half] <= firstToken ? half : 0;
      count -= half;
    }
    return count == 1 && tokens[low] == firstToken ? low : -1;
  }

  /** Returns the ordinal of the first n-gram of a suffix; the last stands before the next one's. */
  int firstChild(int suffix) {
    return firstChild[suffix];
  }

  int firstToken(int ordinal) {
    return tokens[ordinal];
  }

  long count(int ordinal) {
    return counts[ordinal];
  }

  /** Returns the least count of an n-gram, or 0 where there is none. */
  long leastCount() {
    return Arrays.stream(counts).min().orElse(0);
  }
}
