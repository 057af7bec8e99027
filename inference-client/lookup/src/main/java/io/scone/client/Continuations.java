package io.scone.client;

/**
 * Tokens that would end an f-gram if they came after a window, and the rows of the longest f-grams
 * that they would end: what a server sent ahead. Immutable.
 */
public final class Continuations {
  static final Continuations UNKNOWN =
      new Continuations(new int[0], new int[0], new int[0], 0, 0, 0, false);

  private final int[] tokens;
  private final int[] rowIndices;
  private final int[] lengths;
  private final int begin;
  private final int end;
  private final int firstRow;
  private final boolean complete;

  /**
   * Takes over parts of a reply's arrays, from {@code begin} to {@code end}.
   *
   * @param firstRow what is added to the row indices
   */
  Continuations(
      int[] tokens,
      int[] rowIndices,
      int[] lengths,
      int begin,
      int end,
      int firstRow,
      boolean complete) {
    this.tokens = tokens;
    this.rowIndices = rowIndices;
    this.lengths = lengths;
    this.begin = begin;
    this.end = end;
    this.firstRow = firstRow;
    this.complete = complete;
  }

  /** Returns the number of tokens. */
  public int count() {
    return end - begin;
  }

  /** Says whether these are all: no other token would end an f-gram. */
  public boolean isComplete() {
    return complete;
  }

  /** Returns the token of that number, counted from 0. */
  public int token(int number) {
    return tokens[begin + number];
  }

  /** Returns the number of a token, or -1 if it is not among these. */
  public int find(int token) {
    for (int i = begin; i < end; i++) {
      if (tokens[i] == token) {
        return i - begin;
      }
    }
    return -1;
  }

  /** Returns the tokens in the longest f-gram that a token of these would end. */
  public int length(int number) {
    return lengths[begin + number];
  }

  /** Returns which of {@link Matches#rows} is that f-gram's. */
  public int rowIndex(int number) {
    return firstRow + rowIndices[begin + number];
  }
}
