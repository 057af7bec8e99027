package io.scone.server;

import io.scone.table.TableReader;

/**
 * One request's hold on the table version that serves it: until it is closed, the version stays
 * open, whichever version its name serves meanwhile.
 */
final class TableLease implements AutoCloseable {
  private final ServedTable table;
  private final TableReader reader;

  private TableLease(ServedTable table, TableReader reader) {
    this.table = table;
    this.reader = reader;
  }

  /** Returns a lease of a version, or null if it is closed already. */
  static TableLease of(ServedTable table) {
    TableReader reader = table.table().tryReader();
    return reader == null ? null : new TableLease(table, reader);
  }

  ServedTable table() {
    return table;
  }

  /** Returns the reader of the version's rows; it is closed with the lease. */
  TableReader reader() {
    return reader;
  }

  @Override
  public void close() {
    reader.close();
  }
}
