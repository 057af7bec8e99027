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
  private final byte[] key;
  private boolean closed;

  TableReader(Table table) {
    this.table = table;
    this.key = new byte[table.manifest().maxNgram() * FgramKey.TOKEN_BYTES];
  }

  /**
   * Reads the row of the f-gram of {@code length} tokens from {@code offset}, which the table's
   * index holds.
   *
   * @param row where the row's bytes go, from {@code rowOffset}
   * @throws DamagedTableException if the row is missing or its block is not what the builder wrote
   */
  public void read(int[] tokens, int offset, int length, byte[] row, int rowOffset)
      throws IOException {
    if (closed) {
      throw new IllegalStateException("the reader is closed");
    }
    table.read(key, FgramKey.encode(tokens, offset, length, key), row, rowOffset);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      table.release();
    }
  }
}
