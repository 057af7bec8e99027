package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramKey;
import io.scone.table.Residency;
import io.scone.table.Table;
import io.scone.table.TableReader;
import io.scone.table.TestTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ReadAheadTest {
  private static final int ROWS =
      1000; // not a multiple of those of a part, and more than are ahead
  private static final int ROW_BYTES = 5 * Float.BYTES;

  @TempDir private Path temp;

  private final TestTable content = new TestTable(1, ROWS, 5);
  private final ByteArrayOutputStream expected = new ByteArrayOutputStream();
  private FoundRows rows;
  private Table table;
  private TableReader reader;

  @BeforeEach
  void open() throws IOException {
    content.build(temp.resolve("table"));
    open(Residency.disk());
    int[] tokens = new int[ROWS * TestTable.MAX_NGRAM];
    rows = new FoundRows(tokens, ROWS);
    int offset = 0;
    for (byte[] key : content.rows().keySet()) {
      int[] fgram = FgramKey.decode(key);
      System.arraycopy(fgram, 0, tokens, offset, fgram.length);
      rows.add(table.index().find(fgram, 0, fgram.length), offset, fgram.length);
      offset += fgram.length;
      expected.write(content.rows().get(key));
    }
  }

  private void open(Residency residency) throws IOException {
    table = Table.open(temp.resolve("table"), residency);
    reader = table.reader();
  }

  @AfterEach
  void close() {
    reader.close();
    table.close();
  }

  @Test
  void rowsComeInOrderWhicheverThreadReadsThem() throws IOException {
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      assertArrayEquals(expected.toByteArray(), readAll(threads));
    } finally {
      threads.shutdown();
    }
  }

  @Test
  void theThreadThatWantsThemReadsAllWhereNoOtherIsFree() throws IOException {
    List<Runnable> neverRun = new ArrayList<>();
    assertArrayEquals(expected.toByteArray(), readAll(neverRun::add));
    assertTrue(neverRun.size() > 1);
    neverRun.forEach(Runnable::run); // too late, and for nothing
    assertArrayEquals(
        expected.toByteArray(),
        readAll(
            part -> {
              throw new RejectedExecutionException("the server stops");
            }));
  }

  @Test
  void rowsInMemoryAreCounted() throws IOException {
    close();
    open(Residency.ram(100L * ROW_BYTES));
    long resident = 0;
    try (ReadAhead ahead = new ReadAhead(rows, ROW_BYTES, reader, Runnable::run)) {
      for (ReadAhead.Part part = ahead.next(); part != null; part = ahead.next()) {
        resident += part.residentReads();
        ahead.used(part);
      }
    }
    assertEquals(100, resident);
  }

  @Test
  void aRowThatCannotBeReadFailsItsPartAndNoneBefore() throws IOException {
    FoundRows missing = withoutRowsFrom(ReadAhead.ROWS);
    try (ReadAhead ahead = new ReadAhead(missing, ROW_BYTES, reader, Runnable::run)) {
      assertEquals(ReadAhead.ROWS * ROW_BYTES, ahead.next().length());
      assertThrows(IOException.class, ahead::next);
    }
  }

  /** What is not read holds nothing, and what is being read holds the table until it is. */
  @Test
  void theTableIsGivenBackWhenTheLastPartUnderWayIsRead() throws Exception {
    List<Runnable> held = new ArrayList<>();
    ReadAhead ahead = new ReadAhead(rows, ROW_BYTES, reader, held::add);
    ahead.next();
    CompletableFuture<Void> freed = table.close(Runnable::run);
    reader.close();
    assertFalse(freed.isDone());
    ahead.close();
    freed.get(10, TimeUnit.SECONDS);
    held.forEach(Runnable::run);
    assertNull(freed.getNow(null));
  }

  private byte[] readAll(Executor threads) throws IOException {
    ByteArrayOutputStream read = new ByteArrayOutputStream();
    try (ReadAhead ahead = new ReadAhead(rows, ROW_BYTES, reader, threads)) {
      for (ReadAhead.Part part = ahead.next(); part != null; part = ahead.next()) {
        read.write(part.bytes(), 0, part.length());
        ahead.used(part);
      }
    }
    return read.toByteArray();
  }

  /** Returns the rows, but from one on under keys that the table does not hold. */
  private FoundRows withoutRowsFrom(int first) {
    FoundRows some = new FoundRows(rows.tokens(), ROWS);
    for (int i = 0; i < ROWS; i++) {
      some.add(rows.ordinal(i), rows.offset(i), i < first ? rows.length(i) : 1);
    }
    return some;
  }
}
