package io.scone.inference;

import java.nio.FloatBuffer;

/**
 * The f-grams that new tokens end, and their rows: for each matched position its row and its
 * match's length, and each distinct row once.
 *
 * <p>Positions count the new tokens of all windows in order, from 0, context left out. Immutable.
 */
public final class FgramRows {
  private static final FgramRows NONE =
      new FgramRows(new int[0], new int[0], new int[0], new float[0], 1);

  private final int[] positions;
  private final int[] rowIndices;
  private final int[] lengths;
  private final float[] values;
  private final int dim;

  /**
   * Takes over the arrays.
   *
   * @param positions the matched positions, ascending
   * @param rowIndices for each matched position, which row is its embedding
   * @param lengths for each matched position, the tokens in its f-gram
   * @param values the distinct rows, one after another
   * @param dim values in a row
   */
  FgramRows(int[] positions, int[] rowIndices, int[] lengths, float[] values, int dim) {
    this.positions = positions;
    this.rowIndices = rowIndices;
    this.lengths = lengths;
    this.values = values;
    this.dim = dim;
  }

  /** Returns the rows of positions of which none is matched. */
  public static FgramRows none() {
    return NONE;
  }

  /** Returns how many positions are matched. */
  public int matches() {
    return positions.length;
  }

  /** Returns the position of the given match, counted from 0. */
  public int position(int match) {
    return positions[match];
  }

  /** Returns the tokens in the f-gram of the given match. */
  public int length(int match) {
    return lengths[match];
  }

  /** Returns a copy of the row of the given match. */
  public float[] row(int match) {
    float[] row = new float[dim];
    System.arraycopy(values, rowIndices[match] * dim, row, 0, dim);
    return row;
  }

  /** Puts the row of the given match into a buffer. */
  void copyRow(int match, FloatBuffer into) {
    into.put(values, rowIndices[match] * dim, dim);
  }
}
