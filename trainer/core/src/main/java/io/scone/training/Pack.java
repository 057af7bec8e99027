package io.scone.training;

/**
 * Sequences of one length whose tokens lie one after another in the rows of an activation.
 *
 * @param sequences how many there are
 * @param length the tokens of each
 */
record Pack(long sequences, long length) {
  /** Returns the rows that the pack takes. */
  long tokens() {
    return sequences * length;
  }

  /** Returns the suffixes of two and more tokens that its sequences have together. */
  long suffixes() {
    return sequences * (length - 1);
  }
}
