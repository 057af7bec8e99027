package io.scone.server;

import io.scone.table.Residency;
import io.scone.table.Table;
import io.scone.table.TableReader;
import java.io.IOException;
import java.nio.file.Path;

/** The opening of tables for service: checked against the server's limits, and warm. */
final class TableLoader {
  /** Rows read before a version serves: enough to find its files readable and its code hot. */
  private static final int WARM_ROWS = 4096;

  private TableLoader() {}

  /**
   * Opens a table.
   *
   * @param name the name it will be served by
   * @param residency how many of its rows to take into memory
   * @throws IOException if it cannot be opened or read, or has rows over the limit; the message is
   *     one sentence
   */
  static ServedTable open(String name, Path directory, Residency residency, RequestLimits limits)
      throws IOException {
    Table table = Table.open(directory, residency);
    try {
      int rowBytes = table.manifest().rowBytes();
      if (rowBytes > limits.maxRowBytes()) {
        throw new IOException(
            "a row of table '"
                + name
                + "' takes "
                + rowBytes
                + " bytes, more than the limit max_row_bytes of "
                + limits.maxRowBytes());
      }
      warm(table);
      return new ServedTable(name, table);
    } catch (IOException | RuntimeException e) {
      table.close();
      throw e;
    }
  }

  private static void warm(Table table) throws IOException {
    byte[] row = new byte[table.manifest().rowBytes()];
    try (TableReader reader = table.reader()) {
      int ordinal = 0;
      for (int[] fgram : table.firstFgrams(WARM_ROWS)) {
        reader.read(ordinal++, fgram, 0, fgram.length, row, 0);
      }
    }
  }
}
