package io.scone.client;

import io.scone.v1.TableVersion;

/** The rows of f-grams that were named token by token, as far as the table holds them. */
public final class FoundFgrams {
  private static final int ABSENT = -1;

  private final int[] rowIndices;
  private final Rows rows;
  private final TableVersion servedBy;

  FoundFgrams(boolean[] found, Rows rows, TableVersion servedBy) {
    this.rowIndices = new int[found.length];
    int row = 0;
    for (int i = 0; i < found.length; i++) {
      rowIndices[i] = found[i] ? row++ : ABSENT;
    }
    this.rows = rows;
    this.servedBy = servedBy;
  }

  /** Returns the number of f-grams asked for. */
  public int count() {
    return rowIndices.length;
  }

  /** Says whether the table holds an f-gram asked for. */
  public boolean found(int fgram) {
    return rowIndices[fgram] != ABSENT;
  }

  /** Returns which of {@link #rows} is the f-gram's, or -1 where it was not found. */
  public int rowIndex(int fgram) {
    return rowIndices[fgram];
  }

  /** Returns the rows of the f-grams that were found, in the order asked. */
  public Rows rows() {
    return rows;
  }

  /** Returns the table that served all of it. */
  public TableVersion servedBy() {
    return servedBy;
  }
}
