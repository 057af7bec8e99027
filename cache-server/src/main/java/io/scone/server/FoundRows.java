package io.scone.server;

/** The rows that a reply carries, in order: each that of an f-gram of the request's tokens. */
final class FoundRows {
  private final int[] tokens;
  private final int[] ordinals;
  private final int[] offsets;
  private final int[] lengths;
  private int size;

  /** Makes room for up to {@code most} rows of f-grams of these tokens. */
  FoundRows(int[] tokens, int most) {
    this.tokens = tokens;
    this.ordinals = new int[most];
    this.offsets = new int[most];
    this.lengths = new int[most];
  }

  /**
   * Adds the row of the f-gram of {@code length} tokens from {@code offset}; returns its index.
   *
   * @param ordinal the f-gram's ordinal in the table's index
   */
  int add(int ordinal, int offset, int length) {
    ordinals[size] = ordinal;
    offsets[size] = offset;
    lengths[size] = length;
    return size++;
  }

  int size() {
    return size;
  }

  int[] tokens() {
    return tokens;
  }

  int ordinal(int row) {
    return ordinals[row];
  }

  int offset(int row) {
    return offsets[row];
  }

  int length(int row) {
    return lengths[row];
  }
}
