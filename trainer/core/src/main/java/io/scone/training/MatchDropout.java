package io.scone.training;

import java.util.SplittableRandom;

/**
 * The random removal of matched f-grams while training: the main model goes on to know token
 * embeddings where it will mostly see rows, so that a row that misses at inference is nothing new.
 *
 * @param share of the matches that are removed, in 0 to 1
 * @param seed what they are drawn from
 */
record MatchDropout(double share, long seed) {
  /** Removes nothing. */
  static final MatchDropout NONE = new MatchDropout(0, 0);

  private static final long ODD = 0xd1342543de82ef95L; // spreads neighbours over all of 64 bits

  /**
   * Removes matches of a window.
   *
   * @param lengths of the longest matches; those removed become 0
   * @param window the windows that training has seen before this one
   */
  void apply(byte[] lengths, int from, int count, long window) {
    if (share == 0) {
      return;
    }
    SplittableRandom random = new SplittableRandom((seed ^ 0x6a09e667f3bcc909L) + window * ODD);
    for (int i = from; i < from + count; i++) {
      if (random.nextDouble() < share) {
        lengths[i] = 0;
      }
    }
  }
}
