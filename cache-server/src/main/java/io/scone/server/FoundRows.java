package io.scone.server;

import java.util.Arrays;

/**
 * The rows that a reply carries, in order: each that of an f-gram of the request's tokens, or of
 * some of them and one that may follow.
 */
final class FoundRows {
  private int[] tokens;
  private int tokenCount;
  private final int[] ordinals;
  private final int[] offsets;
  private final int[] lengths;
  private int size;

  /** Makes room for up to {@code most} rows of f-grams of these tokens. */
  FoundRows(int[] tokens, int most) {
    this.tokens = tokens;
    this.tokenCount = tokens.length;
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

  /**
   * Adds the row of the f-gram of the last {@code length - 1} tokens before {@code end} and a token
   * that may follow them; returns its index.
   *
   * @param ordinal the f-gram's ordinal in the table's index
   */
  int addFollowed(int ordinal, int end, int length, int token) {
    int offset = tokenCount;
    if (tokens.length < offset + length) {
      tokens = Arrays.copyOf(tokens, Math.max(2 * tokens.length, offset + length));
    }
    System.arraycopy(tokens, end - length + 1, tokens, offset, length - 1);
    tokens[offset + length - 1] = token;
    tokenCount += length;
    return add(ordinal, offset, length);
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
