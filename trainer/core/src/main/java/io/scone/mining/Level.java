package io.scone.mining;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.longs.LongArrayList;
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

  /** Returns a builder of a level above {@code parents} suffixes. */
  static Builder builder(int parents) {
    return new Builder(parents);
  }

  int size() {
    return tokens.length;
  }

  /** Returns the bytes that the level takes in memory. */
  long bytes() {
    return (long) firstChild.length * Integer.BYTES + (long) size() * (Integer.BYTES + Long.BYTES);
  }

  /** Returns the ordinal of the n-gram of a suffix and a first token, or a negative number. */
  int find(int suffix, int firstToken) {
    return Arrays.binarySearch(tokens, firstChild[suffix], firstChild[suffix + 1], firstToken);
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

  /** Collects the n-grams of a level in key order. */
  static final class Builder {
    private final int[] firstChild;
    private final IntArrayList tokens = new IntArrayList();
    private final LongArrayList counts = new LongArrayList();
    private int parents;

    private Builder(int parents) {
      firstChild = new int[parents + 1];
    }

    void add(long key, long count) {
      startParentsUpTo((int) (key >>> Integer.SIZE));
      tokens.add((int) key);
      counts.add(count);
    }

    Level build() {
      startParentsUpTo(firstChild.length - 1);
      tokens.trim();
      counts.trim();
      return new Level(firstChild, tokens.elements(), counts.elements());
    }

    private void startParentsUpTo(int parent) {
      while (parents <= parent) {
        firstChild[parents++] = tokens.size();
      }
    }
  }
}
