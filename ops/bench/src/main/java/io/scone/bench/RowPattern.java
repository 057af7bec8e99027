package io.scone.bench;

import java.nio.ByteBuffer;

/**
 * The bytes of the benchmark's rows: pseudo-random numbers seeded by the f-gram and the table's
 * version, so that every row tells whose it is.
 */
final class RowPattern {
  /** Rows of fewer bytes could be alike by chance. */
  static final int MIN_ROW_BYTES = Long.BYTES;

  private static final long STEP = 0x9e3779b97f4a7c15L;

  private final int rowBytes;
  private final long version;

  /**
   * Makes the pattern of one table.
   *
   * @throws IllegalArgumentException if the rows are too short to tell them apart
   */
  RowPattern(int rowBytes, long version) {
    if (rowBytes < MIN_ROW_BYTES) {
      throw new IllegalArgumentException(
          "rows of " + rowBytes + " bytes cannot be told apart; they need " + MIN_ROW_BYTES);
    }
    this.rowBytes = rowBytes;
    this.version = version;
  }

  int rowBytes() {
    return rowBytes;
  }

  /** Writes the row of the {@code length} tokens from {@code offset} at the buffer's position. */
  void write(int[] tokens, int offset, int length, ByteBuffer row) {
    long seed = seed(tokens, offset, length);
    int at = 0;
    for (; at + Long.BYTES <= rowBytes; at += Long.BYTES) {
      row.putLong(word(seed, at));
    }
    for (; at < rowBytes; at++) {
      row.put((byte) word(seed, at));
    }
  }

  /** Says whether the first 8 bytes from {@code from} on are those of the f-gram's row. */
  boolean beginsRowOf(int[] tokens, int offset, int length, ByteBuffer rows, int from) {
    return rows.getLong(from) == word(seed(tokens, offset, length), 0);
  }

  /** Says whether the row that begins at {@code from} is the f-gram's; the buffer is big-endian. */
  boolean isRowOf(int[] tokens, int offset, int length, ByteBuffer rows, int from) {
    long seed = seed(tokens, offset, length);
    int at = 0;
    for (; at + Long.BYTES <= rowBytes; at += Long.BYTES) {
      if (rows.getLong(from + at) != word(seed, at)) {
        return false;
      }
    }
    for (; at < rowBytes; at++) {
      if (rows.get(from + at) != (byte) word(seed, at)) {
        return false;
      }
    }
    return true;
  }

  private long seed(int[] tokens, int offset, int length) {
    long seed = version;
    for (int i = offset; i < offset + length; i++) {
      seed = mix(seed + STEP ^ tokens[i]);
    }
    return seed;
  }

  private static long word(long seed, int at) {
    return mix(seed + (at + 1) * STEP);
  }

  /** The finalizer of SplitMix64: each bit of the result depends on every bit of the value. */
  private static long mix(long value) {
    long mixed = (value ^ value >>> 30) * 0xbf58476d1ce4e5b9L;
    mixed = (mixed ^ mixed >>> 27) * 0x94d049bb133111ebL;
    return mixed ^ mixed >>> 31;
  }
}
