package io.scone.client;

import java.util.Arrays;

/** Some tokens of an array, by their values. */
final class Ngram {
  private final int[] tokens;
  private final int offset;
  private final int length;
  private final int hash;

  Ngram(int[] tokens, int offset, int length) {
    this.tokens = tokens;
    this.offset = offset;
    this.length = length;
    int mixed = length;
    for (int i = offset; i < offset + length; i++) {
      mixed = (mixed ^ tokens[i]) * 0x9e3779b9;
      mixed ^= mixed >>> 15;
    }
    hash = mixed;
  }

  int length() {
    return length;
  }

  /** Returns the same with an array of its own. */
  Ngram copy() {
    return new Ngram(Arrays.copyOfRange(tokens, offset, offset + length), 0, length);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Ngram ngram
        && Arrays.equals(
            tokens,
            offset,
            offset + length,
            ngram.tokens,
            ngram.offset,
            ngram.offset + ngram.length);
  }
}
