package io.scone.training;

import java.util.List;

/**
 * Which vectors of a memory belong to an f-gram: one for each of its suffixes of two and more
 * tokens, found by the hash of their tokens.
 *
 * <p>The hash of a suffix is made of that of the suffix one token shorter, so that the graph of an
 * f-gram model computes it as well: a product, a sum and a remainder of integers, which stay below
 * 2^63.
 */
public final class SuffixHash {
  /** What a hash is multiplied by; odd, and below 2^32. */
  public static final long MULTIPLIER = 2_654_435_761L;

  private SuffixHash() {}

  /**
   * Returns the slots of f-grams, from the shortest suffix to the longest of each.
   *
   * @param tokens the f-grams', one f-gram after another
   * @param fgrams how they are packed
   * @param size of the memory, below 2^31
   */
  static long[] slots(long[] tokens, List<Pack> fgrams, int size) {
    long[] slots = new long[count(fgrams)];
    int slot = 0;
    int begin = 0;
    for (Pack pack : fgrams) {
      int length = (int) pack.length();
      for (int i = 0; i < pack.sequences(); i++) {
        long hash = ofToken(tokens[begin + length - 1], size);
        for (int j = length - 2; j >= 0; j--) {
          hash = extend(hash, tokens[begin + j], size);
          slots[slot++] = hash;
        }
        begin += length;
      }
    }
    return slots;
  }

  /** Returns the hash of a token by itself. */
  static long ofToken(long token, int size) {
    return token % size;
  }

  /** Returns the hash of a suffix with one token more before it, which is its slot. */
  static long extend(long hash, long token, int size) {
    return (hash * MULTIPLIER + token) % size;
  }

  private static int count(List<Pack> fgrams) {
    return Math.toIntExact(fgrams.stream().mapToLong(Pack::suffixes).sum());
  }
}
