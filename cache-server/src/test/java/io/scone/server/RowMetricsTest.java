package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.table.Residency;
import io.scone.table.Table;
import io.scone.table.TableReader;
import io.scone.table.TestTable;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowMetricsTest {
  private static final int DIM = 4;
  private static final int ROWS = 100;
  private static final int RESIDENT = 30;

  @TempDir private Path temporary;

  @Test
  void rowsCountByTheTierTheyWereReadFrom() throws IOException {
    TestTable data = new TestTable(71, ROWS, DIM);
    data.build(temporary.resolve("table"));
    SimpleMeterRegistry registry = new SimpleMeterRegistry();
    RowMetrics metrics = new RowMetrics(registry);
    Residency some = Residency.ram((long) RESIDENT * DIM * Float.BYTES);
    try (Table table = Table.open(temporary.resolve("table"), some);
        TableReader reader = table.reader()) {
      FgramIndex index = table.index();
      byte[] row = new byte[DIM * Float.BYTES];
      for (byte[] key : data.rows().keySet()) {
        int[] fgram = FgramKey.decode(key);
        reader.read(index.find(fgram, 0, fgram.length), fgram, 0, fgram.length, row, 0);
      }
      metrics.read(ROWS, reader.residentReads());
    }
    assertEquals(RESIDENT, registry.counter("scone.rows", "tier", "memory").count());
    assertEquals(ROWS - RESIDENT, registry.counter("scone.rows", "tier", "disk").count());
  }
}
