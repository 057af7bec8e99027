package io.scone.row;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Turns rows of floats into a table's bytes and back.
 *
 * <p>Buffers are read and written at their position, which moves by {@link #rowBytes()}, as
 * little-endian whatever their own order is. The caller owns them. Safe for use by many threads.
 */
public final class RowCodec {
  private static final int INT8_MAX = 127;

  private final Dtype dtype;
  private final int dim;

  /** Makes the codec of rows of {@code dim} values. */
  public RowCodec(Dtype dtype, int dim) {
    if (dim < 1) {
      throw new IllegalArgumentException("a row of " + dim + " values");
    }
    this.dtype = dtype;
    this.dim = dim;
  }

  /** Returns how values are stored. */
  public Dtype dtype() {
    return dtype;
  }

  /** Returns the values in a row. */
  public int dim() {
    return dim;
  }

  /** Returns the bytes of a row, scales included. */
  public int rowBytes() {
    return switch (dtype) {
      case F32 -> Math.multiplyExact(dim, Float.BYTES);
      case F16, BF16 -> Math.multiplyExact(dim, Short.BYTES);
      case INT8 -> Math.addExact(dim, Float.BYTES);
      case INT4 -> Int4.bytes(dim);
    };
  }

  /** Writes the {@code dim} values from {@code offset} as one row. */
  public void encode(float[] values, int offset, ByteBuffer row) {
    ByteOrder order = row.order();
    row.order(ByteOrder.LITTLE_ENDIAN);
    int end = offset + dim;
    switch (dtype) {
      case F32 -> {
        for (int i = offset; i < end; i++) {
          row.putFloat(values[i]);
        }
      }
      case F16 -> {
        for (int i = offset; i < end; i++) {
          row.putShort(HalfPrecision.toF16(values[i]));
        }
      }
      case BF16 -> {
        for (int i = offset; i < end; i++) {
          row.putShort(HalfPrecision.toBf16(values[i]));
        }
      }
      case INT8 -> encodeInt8(values, offset, row);
      case INT4 -> Int4.encode(values, offset, dim, row);
    }
    row.order(order);
  }

  private void encodeInt8(float[] values, int offset, ByteBuffer row) {
    float largest = 0;
    for (int i = offset; i < offset + dim; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    float scale = largest / INT8_MAX;
    // A scale that underflows to zero stores the row as zeros: its values are below any use.
    float inverse = scale == 0 ? 0 : 1 / scale;
    for (int i = offset; i < offset + dim; i++) {
      int quantized = (int) Math.rint(values[i] * inverse);
      row.put((byte) Math.max(-INT8_MAX, Math.min(INT8_MAX, quantized)));
    }
    row.putFloat(scale);
  }

  /** Reads one row into the {@code dim} values from {@code offset}. */
  public void decode(ByteBuffer row, float[] values, int offset) {
    ByteOrder order = row.order();
    row.order(ByteOrder.LITTLE_ENDIAN);
    int end = offset + dim;
    switch (dtype) {
      case F32 -> {
        for (int i = offset; i < end; i++) {
          values[i] = row.getFloat();
        }
      }
      case F16 -> {
        for (int i = offset; i < end; i++) {
          values[i] = HalfPrecision.fromF16(row.getShort());
        }
      }
      case BF16 -> {
        for (int i = offset; i < end; i++) {
          values[i] = HalfPrecision.fromBf16(row.getShort());
        }
      }
      case INT8 -> {
        float scale = row.getFloat(row.position() + dim);
        for (int i = offset; i < end; i++) {
          values[i] = row.get() * scale;
        }
        row.position(row.position() + Float.BYTES);
      }
      case INT4 -> Int4.decode(row, values, offset, dim);
    }
    row.order(order);
  }
}
