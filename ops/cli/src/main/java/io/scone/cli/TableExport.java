package io.scone.cli;

import io.scone.table.RowVisitor;
import java.io.Closeable;
import java.io.IOException;

/** A place that a table's rows are written to, one after another. */
interface TableExport extends RowVisitor, Closeable {
  /** Completes what was written; a file appears under its name now, or not at all. */
  void publish() throws IOException;
}
