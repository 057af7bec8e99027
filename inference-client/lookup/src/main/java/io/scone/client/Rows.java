package io.scone.client;

import io.grpc.Status;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;

/** Rows of embeddings as a table stores them. Immutable. */
public final class Rows {
  private final RowCodec codec;
  private final ByteBuffer bytes;

  /** Takes over a buffer of rows, from its position to its limit. */
  Rows(RowCodec codec, ByteBuffer bytes) {
    this.codec = codec;
    this.bytes = bytes.asReadOnlyBuffer().slice();
  }

  /** Returns the number of rows. */
  public int count() {
    return bytes.limit() / codec.rowBytes();
  }

  /** Returns what turns a row's bytes into floats. */
  public RowCodec codec() {
    return codec;
  }

  /** Returns the bytes of all rows, one after another: a new read-only view. */
  public ByteBuffer bytes() {
    return bytes.duplicate();
  }

  /** Returns the bytes of one row: a new read-only view. */
  public ByteBuffer bytes(int row) {
    return bytes.slice(row * codec.rowBytes(), codec.rowBytes());
  }

  /** Returns room for rows of all these bytes. */
  static ByteBuffer allocate(long bytes) {
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new SconeException(
          Status.Code.INVALID_ARGUMENT,
          "the rows take " + bytes + " bytes, more than a buffer holds; ask for fewer at once");
    }
    return ByteBuffer.allocate((int) bytes);
  }

  /** Reads one row into the {@code codec().dim()} values from {@code offset}. */
  public void decode(int row, float[] values, int offset) {
    codec.decode(bytes(row), values, offset);
  }
}
