package io.scone.table;

import io.scone.fgram.FgramKey;
import java.io.IOException;

/**
 * A reader of a table's rows into the caller's memory; it allocates nothing for a row.
 *
 * <p>It keeps the table's files open until it is closed. For use by one thread at a time.
 */
public final class TableReader implements AutoCloseable {
  private final Table table;
  private final RowMatrix matrix;
  private final byte[] key;
  private final StoredRow stored;
  private final int rowBytes;
  private long residentReads;
  private boolean closed;

  TableReader(Table table, RowMatrix matrix) {
    this.table = table;
    this.matrix = matrix;
    this.rowBytes = table.manifest().rowBytes();
    this.key = new byte[table.manifest().maxNgram() * FgramKey.TOKEN_BYTES];
    this.stored = new StoredRow(rowBytes);
  }

  /**
   * Reads the row of the f-gram of {@code length} tokens from {@code offset}, which the table's
   * index holds.
   *
   * @param ordinal the f-gram's ordinal in the table's index
   * @param row where the row's bytes go, from {@code rowOffset}
   * @throws DamagedTableException if the row is missing or not what the builder wrote
   */
  public void read(int ordinal, int[] tokens, int offset, int length, byte[] row, int rowOffset)
      throws IOException {
    checkOpen();
    if (matrix != null && matrix.holds(ordinal)) {
      matrix.get(ordinal, row, rowOffset);
      residentReads++;
      return;
    }
    table.read(key, FgramKey.encode(tokens, offset, length, key), stored);
    System.arraycopy(stored.bytes(), 0, row, rowOffset, rowBytes);
  }

  /**
   * Returns another reader of the table, for another thread, to be closed by the caller. It can be
   * had as long as this one is open, even of a table that was closed meanwhile.
   */
  public TableReader another() {
    checkOpen();
    return table.anotherReader();
  }

  /** Returns how many of the rows read were held in memory. */
  public long residentReads() {
    return residentReads;
  }

  private void checkOpen() {
    if (closed) {
      throw new IllegalStateException("the reader is closed");
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      table.release();
    }
  }
}
