package io.scone.inference;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;

/**
 * The f-grams that new tokens end, and their rows: for each matched position its row and its
 * match's length, and each distinct row once, in the bytes of its table.
 *
 * <p>Positions count the new tokens of all windows in order, from 0, context left out. Immutable.
 */
public final class FgramRows {
  private static final FgramRows NONE =
      new FgramRows(
          new int[0], new int[0], new int[0], ByteBuffer.allocate(0), new RowCodec(Dtype.F32, 1));

  private final int[] positions;
  private final int[] rowIndices;
  private final int[] lengths;
  private final ByteBuffer rows;
  private final RowCodec codec;

  /**
   * Takes over the arrays and the buffer.
   *
   * @param positions the matched positions, ascending
   * @param rowIndices for each matched position, which row is its embedding
   * @param lengths for each matched position, the tokens in its f-gram
   * @param rows the distinct rows, one after another, from 0 to the limit
   * @param codec what turns a row's bytes into floats
   */
  FgramRows(int[] positions, int[] rowIndices, int[] lengths, ByteBuffer rows, RowCodec codec) {
    this.positions = positions;
    this.rowIndices = rowIndices;
    this.lengths = lengths;
    this.rows = rows;
    this.codec = codec;
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
    float[] row = new float[codec.dim()];
    codec.decode(bytes(match), row, 0);
    return row;
  }

  /**
   * Writes the row of the given match into a buffer.
   *
   * @param as how the model takes its rows, as many values wide as these
   * @param values room for a row's values, which are overwritten where types differ
   */
  void copyRow(int match, RowCodec as, ByteBuffer into, float[] values) {
    if (codec.dtype() == as.dtype()) {
      into.put(bytes(match));
    } else {
      codec.decode(bytes(match), values, 0);
      as.encode(values, 0, into);
    }
  }

  private ByteBuffer bytes(int match) {
    return rows.slice(rowIndices[match] * codec.rowBytes(), codec.rowBytes());
  }
}
