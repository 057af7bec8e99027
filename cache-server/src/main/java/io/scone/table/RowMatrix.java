package io.scone.table;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.Arrays;

/**
 * Rows in memory outside the heap, by ordinal: of all f-grams, or of a chosen few.
 *
 * <p>It is filled by one thread and then read by many. Its memory is given back when it is closed,
 * not when the collector comes by; nobody may read it then.
 */
final class RowMatrix implements AutoCloseable {
  private static final long CHUNK_BYTES = 1 << 30; // a buffer's size is an int
  private static final int ABSENT = -1;

  private final int rowBytes;
  private final int shift;
  private final ByteBuf[] chunks;

  /** The row in here of each ordinal, or null where all rows are here and are their own ordinal. */
  private final int[] slots;

  private RowMatrix(int rowBytes, int rows, int[] slots) {
    this.rowBytes = rowBytes;
    this.slots = slots;
    this.shift = Math.max(0, 63 - Long.numberOfLeadingZeros(CHUNK_BYTES / rowBytes));
    int rowsPerChunk = 1 << shift;
    this.chunks = new ByteBuf[(int) ((rows + (long) rowsPerChunk - 1) >> shift)];
    try {
      for (int i = 0; i < chunks.length; i++) {
        long before = (long) i << shift;
        int bytes = Math.toIntExact(Math.min(rowsPerChunk, rows - before) * rowBytes);
        chunks[i] = UnpooledByteBufAllocator.DEFAULT.directBuffer(bytes, bytes);
      }
    } catch (OutOfMemoryError e) {
      close();
      throw e;
    }
  }

  /**
   * Makes room for the rows of all f-grams.
   *
   * @throws OutOfMemoryError if the process may not have that much memory outside the heap
   */
  static RowMatrix ofAll(int rowBytes, int rows) {
    return new RowMatrix(rowBytes, rows, null);
  }

  /**
   * Makes room for the rows of the most frequent f-grams; of equals, those that come first.
   *
   * @param counts how often each f-gram occurs, by ordinal
   * @param rows how many rows there is room for, fewer than there are f-grams
   * @throws OutOfMemoryError if the process may not have that much memory outside the heap
   */
  static RowMatrix ofMostFrequent(int rowBytes, long[] counts, int rows) {
    long[] sorted = counts.clone();
    Arrays.parallelSort(sorted);
    int first = counts.length - rows;
    long least = rows == 0 ? Long.MAX_VALUE : sorted[first];
    int equalsLeft = 0;
    while (first < sorted.length && sorted[first] == least) {
      first++;
      equalsLeft++;
    }
    int[] slots = new int[counts.length];
    int next = 0;
    for (int ordinal = 0; ordinal < counts.length; ordinal++) {
      boolean held = counts[ordinal] > least || (counts[ordinal] == least && equalsLeft-- > 0);
      slots[ordinal] = held ? next++ : ABSENT;
    }
    return new RowMatrix(rowBytes, rows, slots);
  }

  /** Says whether the row of an f-gram is here. */
  boolean holds(int ordinal) {
    return slots == null || slots[ordinal] != ABSENT;
  }

  /** Sets a row that is here. */
  void put(int ordinal, byte[] row, int offset) {
    int slot = slot(ordinal);
    chunks[slot >>> shift].setBytes(at(slot), row, offset, rowBytes);
  }

  /** Copies a row that is here to {@code row} from {@code offset}. */
  void get(int ordinal, byte[] row, int offset) {
    int slot = slot(ordinal);
    chunks[slot >>> shift].getBytes(at(slot), row, offset, rowBytes);
  }

  /** Returns the bytes of all rows here. */
  long bytes() {
    long bytes = 0;
    for (ByteBuf chunk : chunks) {
      bytes += chunk.capacity();
    }
    return bytes;
  }

  @Override
  public void close() {
    for (ByteBuf chunk : chunks) {
      if (chunk != null) {
        chunk.release();
      }
    }
  }

  private int slot(int ordinal) {
    return slots == null ? ordinal : slots[ordinal];
  }

  private int at(int slot) {
    return (slot & (1 << shift) - 1) * rowBytes;
  }
}
