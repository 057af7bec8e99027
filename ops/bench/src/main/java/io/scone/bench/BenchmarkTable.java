package io.scone.bench;

import io.scone.fgram.FgramKey;
import io.scone.mining.FgramCursor;
import io.scone.mining.FgramFile;
import io.scone.progress.Progress;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Builds the tables of benchmarks: all f-grams of a file, with rows that are made up. */
final class BenchmarkTable {
  static final String MADE_BY = "scone benchmark";

  private BenchmarkTable() {}

  /** What makes up a row. */
  @FunctionalInterface
  interface Rows {
    /**
     * Writes a row at the buffer's position.
     *
     * @param number the f-gram's place in key order
     */
    void write(long number, int[] fgram, ByteBuffer row);
  }

  /** Builds a table; one that was begun goes on where it was. */
  static void build(Path table, TableSpec spec, FgramFile fgrams, Rows rows, Progress progress)
      throws IOException {
    progress.begin("building " + table.getFileName(), fgrams.size(), "rows");
    try (TableWriter writer = TableWriter.create(table, spec);
        FgramCursor cursor = fgrams.cursor()) {
      ByteBuffer row = ByteBuffer.allocate(spec.rowCodec().rowBytes());
      for (long number = 0; cursor.next(); number++) {
        if (number >= writer.rowsWritten()) {
          int[] tokens = cursor.tokens();
          rows.write(number, tokens, row.clear());
          writer.add(FgramKey.encode(tokens), cursor.count(), row.flip());
          progress.advance(1);
        }
      }
      writer.publish();
    }
    progress.end();
  }
}
