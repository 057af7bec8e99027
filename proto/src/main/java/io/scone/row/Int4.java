package io.scone.row;

import java.nio.ByteBuffer;

/**
 * Values of 4 bits, a scale for each group of them; `scone/v1/row.proto` defines the bytes. A value
 * is kept within half a step of its group: a seventh of the group's largest magnitude.
 */
final class Int4 {
  private static final int GROUP = 32;
  private static final int MAX = 7;

  /** What stands for zero. */
  private static final int ZERO = 8;

  private Int4() {}

  static int bytes(int dim) {
    return Math.addExact(codeBytes(dim), Math.multiplyExact(groups(dim), Short.BYTES));
  }

  static void encode(float[] values, int offset, int dim, ByteBuffer row) {
    int codes = row.position();
    int scales = codes + codeBytes(dim);
    for (int group = 0; group < groups(dim); group++) {
      int from = group * GROUP;
      int to = Math.min(from + GROUP, dim);
      short stored = HalfPrecision.toBf16(largest(values, offset + from, offset + to) / MAX);
      float scale = HalfPrecision.fromBf16(stored);
      // A scale that underflows to zero stores the group as zeros: its values are below any use.
      float inverse = scale == 0 ? 0 : 1 / scale;
      for (int i = from; i < to; i += 2) {
        int low = code(values[offset + i] * inverse);
        int high = i + 1 < to ? code(values[offset + i + 1] * inverse) : 0;
        row.put(codes + i / 2, (byte) (high << 4 | low));
      }
      row.putShort(scales + group * Short.BYTES, stored);
    }
    row.position(codes + bytes(dim));
  }

  static void decode(ByteBuffer row, float[] values, int offset, int dim) {
    int codes = row.position();
    int scales = codes + codeBytes(dim);
    for (int group = 0; group < groups(dim); group++) {
      int from = group * GROUP;
      int to = Math.min(from + GROUP, dim);
      float scale = HalfPrecision.fromBf16(row.getShort(scales + group * Short.BYTES));
      int at = offset + from;
      for (int pair = codes + from / 2; pair < codes + to / 2; pair++) {
        int both = row.get(pair);
        values[at++] = ((both & 0xf) - ZERO) * scale;
        values[at++] = (((both >> 4) & 0xf) - ZERO) * scale;
      }
      if (to % 2 == 1) {
        values[at] = ((row.get(codes + to / 2) & 0xf) - ZERO) * scale;
      }
    }
    row.position(codes + bytes(dim));
  }

  private static float largest(float[] values, int from, int to) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest;
  }

  private static int code(float steps) {
    return ZERO + Math.max(-MAX, Math.min(MAX, Math.round(steps)));
  }

  private static int codeBytes(int dim) {
    return dim / 2 + dim % 2;
  }

  private static int groups(int dim) {
    return dim / GROUP + (dim % GROUP == 0 ? 0 : 1);
  }
}
