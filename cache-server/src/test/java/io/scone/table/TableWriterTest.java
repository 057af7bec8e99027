package io.scone.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.ManifestException;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

class TableWriterTest {
  private static final int ROWS = 3000;
  private static final int DIM = 64;
  private static final long FILE_BYTES = 50_000;

  private final TestTable data = new TestTable(5, ROWS, DIM);

  @TempDir private Path temporary;

  @Test
  void aResumedBuildEqualsAnUninterruptedOne() throws IOException {
    TableManifest whole = data.build(temporary.resolve("whole"));
    Path directory = temporary.resolve("resumed");
    Random random = new Random(2);
    List<byte[]> keys = new ArrayList<>(data.rows().keySet());
    int written = 0;
    while (written < ROWS) {
      try (TableWriter writer = TableWriter.create(directory, data.spec(), FILE_BYTES)) {
        assertEquals(written, writer.rowsWritten());
        int until = Math.min(ROWS, written + random.nextInt(700));
        for (; written < until; written++) {
          byte[] key = keys.get(written);
          writer.add(key, TestTable.count(key), ByteBuffer.wrap(data.rows().get(key)));
        }
      }
      assertThrows(ManifestException.class, () -> Table.open(directory));
    }
    try (TableWriter writer = TableWriter.create(directory, data.spec())) {
      assertEquals(whole, writer.publish());
    }
    assertOnlyTheTableIsLeft(directory);
    try (Table table = Table.open(directory)) {
      table.verify();
    }
  }

  @Test
  void aBuildKilledAtAnyTimeIsResumedAndIsNeverATableBefore() throws Exception {
    TableManifest whole = new TestTable(9, 8000, 384).build(temporary.resolve("whole"));
    Path directory = temporary.resolve("killed");
    Random random = new Random();
    for (int kills = 0; kills < 5; kills++) {
      Process builder = start(List.of(), directory, "9", "8000", "384", "400000");
      try (BufferedReader out = builder.inputReader()) {
        assertEquals("begin", out.readLine());
        boolean done = builder.waitFor(random.nextInt(400), TimeUnit.MILLISECONDS);
        builder.destroyForcibly().waitFor();
        if (done) {
          assertEquals(0, builder.exitValue());
        }
      }
      if (Files.exists(directory)) {
        break;
      }
    }
    if (!Files.exists(directory)) {
      Process builder = start(List.of(), directory, "9", "8000", "384", "400000");
      assertEquals(0, builder.waitFor());
    }
    assertEquals(whole, TableManifest.read(directory));
    try (Table table = Table.open(directory)) {
      table.verify();
    }
  }

  @Test
  void aFullDiskFailsTheBuildWithOneSentenceAndItCanBeResumed() throws Exception {
    TableManifest whole = data.build(temporary.resolve("whole"));
    Path directory = temporary.resolve("full");
    try (TableWriter writer = TableWriter.create(directory, data.spec(), FILE_BYTES)) {
      for (byte[] key : data.rows().keySet()) {
        if (writer.rowsWritten() == ROWS / 2) {
          break;
        }
        writer.add(key, TestTable.count(key), ByteBuffer.wrap(data.rows().get(key)));
      }
    }
    // No file may grow beyond 100 KiB: to the process, the same as a disk that is full. It finds
    // the
    // native library on disk, because it could not unpack that one either.
    try (InputStream library =
        RocksDB.class.getResourceAsStream("/" + Environment.getJniLibraryFileName("rocksdb"))) {
      Files.copy(library, temporary.resolve(System.mapLibraryName("rocksdbjni")));
    }
    List<String> limited = List.of("bash", "-c", "ulimit -f 100 && exec \"$0\" \"$@\"");
    Process builder = start(limited, directory, "5", "" + ROWS, "" + DIM, "1000000");
    String errors = read(builder.getErrorStream());
    assertEquals(1, builder.waitFor(), errors);
    assertTrue(errors.contains("table " + directory + " cannot be written: "), errors);
    assertFalse(Files.exists(directory));
    try (TableWriter writer = TableWriter.create(directory, data.spec())) {
      assertEquals(ROWS / 2, writer.rowsWritten());
      data.addTo(writer);
      assertEquals(whole, writer.publish());
    }
  }

  @Test
  void aBuildWithOtherSettingsIsNotResumed() throws IOException {
    Path directory = temporary.resolve("table");
    TableWriter.create(directory, data.spec()).close();
    TableSpec spec = data.spec();
    TableSpec other =
        new TableSpec(
            spec.modelFingerprint(),
            spec.tokenizerFingerprint(),
            spec.fgramsFingerprint(),
            spec.vocabularySize(),
            spec.maxNgram(),
            spec.dim(),
            Dtype.F16,
            spec.madeBy());
    TableException e =
        assertThrows(TableException.class, () -> TableWriter.create(directory, other));
    assertEquals(
        "an unfinished table in "
            + temporary.resolve(".table.building")
            + " was begun with other settings (dtype f32); delete it to build anew",
        e.getMessage());
    TableWriter.create(directory, spec).close();
  }

  @Test
  void aSpecThatNoTableCanHaveIsRefused() {
    String fingerprint = new Fingerprint().finish();
    assertThrows(
        IllegalArgumentException.class,
        () -> new TableSpec(fingerprint, "x", fingerprint, 10, 3, 4, Dtype.F32, "test"));
    assertThrows(
        IllegalArgumentException.class,
        () -> new TableSpec(fingerprint, fingerprint, fingerprint, 10, 1, 4, Dtype.F32, "test"));
  }

  @Test
  void twoBuildsOfOneTableDoNotRunAtOnce() throws IOException {
    Path directory = temporary.resolve("table");
    try (TableWriter writer = TableWriter.create(directory, data.spec())) {
      TableException e =
          assertThrows(TableException.class, () -> TableWriter.create(directory, data.spec()));
      assertTrue(e.getMessage().startsWith("another build of the same table is under way in "));
      data.addTo(writer);
      writer.publish();
    }
  }

  @Test
  void anExistingDirectoryIsNeverOverwritten() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("table"));
    assertThrows(
        FileAlreadyExistsException.class, () -> TableWriter.create(directory, data.spec()));
    Files.delete(directory);
    TableWriter writer = TableWriter.create(directory, data.spec());
    data.addTo(writer);
    Files.createDirectory(directory);
    assertThrows(FileAlreadyExistsException.class, writer::publish);
    writer.close();
    Files.delete(directory);
    try (TableWriter again = TableWriter.create(directory, data.spec())) {
      assertEquals(ROWS, again.rowsWritten());
      again.publish();
    }
  }

  @Test
  void rowsThatDoNotBelongThereAreRefusedAndTheBuildGoesOn() throws IOException {
    ByteBuffer row = ByteBuffer.allocate(DIM * Float.BYTES);
    try (TableWriter writer = TableWriter.create(temporary.resolve("table"), data.spec())) {
      writer.add(FgramKey.encode(4, 5), 1, row.duplicate());
      assertRefused(writer, "f-gram [3, 5] does not come after [4, 5] in key order", row, 3, 5);
      assertRefused(writer, "f-gram [4, 5] does not come after [4, 5] in key order", row, 4, 5);
      assertRefused(writer, "f-gram [1, 5, 5] comes without its suffix before it", row, 1, 5, 5);
      assertRefused(
          writer, "f-gram [50, 6] holds a token outside the vocabulary of 50", row, 50, 6);
      assertRefused(
          writer, "f-gram [1, 2, 3, 4, 5] is longer than K, which is 4", row, 1, 2, 3, 4, 5);
      ByteBuffer small = ByteBuffer.allocate(12);
      assertRefused(writer, "a row of 12 bytes where rows take 256", small, 6, 6);
      writer.add(FgramKey.encode(1, 4, 5), 1, row.duplicate());
      writer.add(FgramKey.encode(0, 6), 1, row.duplicate());
      assertEquals(List.of(2L, 1L, 0L), writer.publish().rowCountsByLength());
    }
  }

  @Test
  void aDamagedUnfinishedBuildIsNotResumed() throws IOException {
    Path directory = temporary.resolve("table");
    try (TableWriter writer = TableWriter.create(directory, data.spec(), FILE_BYTES)) {
      data.addTo(writer);
    }
    Path building = temporary.resolve(".table.building");
    TableTest.flip(TableTest.rowFile(building.resolve("table")), 1000);
    TableException e =
        assertThrows(TableException.class, () -> TableWriter.create(directory, data.spec()));
    assertTrue(e.getMessage().startsWith("the unfinished table in " + building + " is damaged: "));
  }

  @Test
  void tablesOfOtherRowsHaveOtherFingerprints() throws IOException {
    assertNotEquals(
        data.build(temporary.resolve("one")).contentFingerprint(),
        new TestTable(6, ROWS, DIM).build(temporary.resolve("two")).contentFingerprint());
  }

  private static void assertRefused(
      TableWriter writer, String message, ByteBuffer row, int... fgram) {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> writer.add(FgramKey.encode(fgram), 1, row.duplicate()));
    assertEquals(message, e.getMessage());
  }

  private void assertOnlyTheTableIsLeft(Path directory) throws IOException {
    try (Stream<Path> siblings = Files.list(temporary)) {
      assertEquals(List.of(directory, temporary.resolve("whole")), siblings.sorted().toList());
    }
    try (Stream<Path> files = Files.list(directory)) {
      assertEquals(
          List.of(
              directory.resolve("checksums"),
              directory.resolve("index.bin"),
              directory.resolve("manifest.json"),
              directory.resolve("rows")),
          files.sorted().toList());
    }
  }

  private Process start(List<String> prefix, Path directory, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(prefix);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
    command.add("-Djava.library.path=" + temporary);
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(TableBuild.class.getName());
    command.add(directory.toString());
    command.addAll(List.of(arguments));
    return new ProcessBuilder(command).start();
  }

  private static String read(InputStream in) throws IOException {
    return new String(in.readAllBytes(), StandardCharsets.UTF_8);
  }
}
