package io.scone.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.ManifestException;
import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableTest {
  private final TestTable data = new TestTable(7, 2000, 16);

  @TempDir private Path temporary;
  private Path directory;
  private TableManifest manifest;

  @BeforeEach
  void build() throws IOException {
    directory = temporary.resolve("table");
    manifest = data.build(directory);
  }

  @Test
  void everyRowReadsBackUnderItsOrdinal() throws IOException {
    try (Table table = Table.open(directory);
        TableReader reader = table.reader()) {
      byte[] row = new byte[manifest.rowBytes() + 3];
      int ordinal = 0;
      for (Map.Entry<byte[], byte[]> entry : data.rows().entrySet()) {
        int[] tokens = FgramKey.decode(entry.getKey());
        assertEquals(ordinal, table.index().find(tokens, 0, tokens.length));
        reader.read(ordinal++, tokens, 0, tokens.length, row, 3);
        assertArrayEquals(entry.getValue(), Arrays.copyOfRange(row, 3, row.length));
      }
      assertEquals(data.rows().size(), table.index().size());
    }
  }

  @Test
  void theMostFrequentRowsAreInMemoryAsFarAsTheBudgetGoesAndAllReadTheSame() throws IOException {
    for (int held : new int[] {0, 1, 777, 1999, 2000}) {
      Residency residency = Residency.ram((long) held * manifest.rowBytes() + 5);
      long seldomestHeld = Long.MAX_VALUE;
      long mostFrequentOnDisk = 0;
      try (Table table = Table.open(directory, residency);
          TableReader reader = table.reader()) {
        assertEquals(held, table.residentRows());
        byte[] row = new byte[manifest.rowBytes()];
        int ordinal = 0;
        for (byte[] key : data.rows().keySet()) {
          int[] tokens = FgramKey.decode(key);
          long before = reader.residentReads();
          reader.read(ordinal++, tokens, 0, tokens.length, row, 0);
          assertArrayEquals(data.rows().get(key), row);
          if (reader.residentReads() > before) {
            seldomestHeld = Math.min(seldomestHeld, TestTable.count(key));
          } else {
            mostFrequentOnDisk = Math.max(mostFrequentOnDisk, TestTable.count(key));
          }
        }
        assertEquals(held, reader.residentReads());
        assertTrue(mostFrequentOnDisk <= seldomestHeld);
      }
    }
    try (Table table = Table.open(directory, Residency.ram())) {
      assertEquals(2000, table.residentRows());
      assertEquals(2000L * manifest.rowBytes(), table.residentBytes());
    }
  }

  @Test
  void aScanShowsEveryRowInKeyOrder() throws IOException {
    List<byte[]> keys = new ArrayList<>();
    try (Table table = Table.open(directory)) {
      table.scan(
          (key, count, row) -> {
            assertEquals(TestTable.count(key), count);
            assertEquals(ByteBuffer.wrap(data.rows().get(key)), row);
            keys.add(key);
          });
    }
    assertArrayEquals(data.rows().keySet().toArray(), keys.toArray());
  }

  @Test
  void theManifestSumsUpTheContent() throws IOException {
    Fingerprint fingerprint = new Fingerprint();
    long[] counts = new long[TestTable.MAX_NGRAM - 1];
    data.rows()
        .forEach(
            (key, row) -> {
              fingerprint.update(ByteBuffer.allocate(4).putInt(key.length).flip());
              fingerprint.update(key).update(row);
              counts[key.length / 4 - 2]++;
            });
    assertEquals(fingerprint.finish(), manifest.contentFingerprint());
    assertEquals(List.of(counts[0], counts[1], counts[2]), manifest.rowCountsByLength());
    assertEquals(manifest, TableManifest.read(directory));
  }

  @Test
  void aTableWithoutRowsCanBeBuiltAndOpened() throws IOException {
    TestTable none = new TestTable(1, 0, 4);
    none.build(temporary.resolve("none"));
    try (Table table = Table.open(temporary.resolve("none"))) {
      assertEquals(0, table.index().size());
      table.verify();
    }
  }

  @Test
  void openingAndReadingWriteNothingIntoTheDirectory() throws IOException {
    List<String> before = listing();
    try (Table table = Table.open(directory)) {
      table.verify();
      assertEquals(5, table.firstFgrams(5).size());
    }
    assertEquals(before, listing());
  }

  @Test
  void aRowOfOneAndAHalfKilobytesTakesAtMostThreePercentMoreOnDisk() throws IOException {
    TestTable wide = new TestTable(3, 6000, 384);
    TableManifest built = wide.build(temporary.resolve("wide"));
    long size = 0;
    try (Stream<Path> files = Files.walk(temporary.resolve("wide"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        size += Files.size(file);
      }
    }
    double ratio = (double) size / (built.rowCount() * built.rowBytes());
    assertTrue(ratio <= 1.03, () -> "size on disk over payload is " + ratio);
  }

  @Test
  void aFlippedByteAnywhereIsFoundWhenTheTableIsOpened() throws IOException {
    Random random = new Random(11);
    for (String name : files()) {
      Path file = directory.resolve(name);
      for (int i = 0; i < 50; i++) {
        long at = random.nextLong(Files.size(file));
        flip(file, at);
        assertDamaged(name + " is not what was written");
        flip(file, at);
      }
    }
    Table.open(directory).close();
  }

  @Test
  void aDamagedListOfChecksumsIsFoundWhenTheTableIsOpened() throws IOException {
    Path file = directory.resolve("checksums");
    byte[] content = Files.readAllBytes(file);
    for (int at = 0; at < content.length; at++) {
      flip(file, at);
      assertDamaged();
      flip(file, at);
    }
    Files.writeString(file, "\u001b[2Jnothing\n");
    assertDamaged("line 1 of checksums is not a checksum and a file");
    Files.delete(file);
    assertDamaged("it has no checksums");
  }

  @Test
  void missingAndCutFilesAreFoundWhenTheTableIsOpened() throws IOException {
    for (String name : files()) {
      Path file = directory.resolve(name);
      if (unused(file)) {
        continue;
      }
      byte[] content = Files.readAllBytes(file);
      Files.delete(file);
      assertDamaged();
      for (int length : new int[] {0, content.length / 2, content.length - 1}) {
        Files.write(file, Arrays.copyOf(content, length));
        assertDamaged();
      }
      Files.write(file, content);
    }
    Table.open(directory).close();
  }

  @Test
  void aDirectoryWithoutManifestIsNotATable() throws IOException {
    Files.delete(directory.resolve("manifest.json"));
    ManifestException e = assertThrows(ManifestException.class, () -> Table.open(directory));
    assertTrue(
        e.getMessage().startsWith(directory + " is not a complete table: it has no manifest.json"));
  }

  @Test
  void aManifestThatDoesNotFitTheRowsIsRefused() throws IOException {
    List<Long> counts = manifest.rowCountsByLength();
    with(manifest.dim(), List.of(counts.get(0), counts.get(1), counts.get(2) + 1));
    assertDamaged("its f-grams by length are " + counts);
    with(manifest.dim(), List.of(counts.get(0) + 1, counts.get(1), counts.get(2) - 1));
    assertDamaged("its f-grams by length are " + counts);
    with(manifest.dim() + 1, counts);
    try (Table table = Table.open(directory)) {
      DamagedTableException e = assertThrows(DamagedTableException.class, table::verify);
      assertTrue(e.getMessage().contains("is not what was written"), e::getMessage);
    }
  }

  @Test
  void verifyFindsRowsThatAreNotTheManifests() throws IOException {
    try (Table table = Table.open(directory)) {
      table.verify();
    }
    TableManifest other = new TestTable(8, 2000, 16).build(temporary.resolve("other"));
    new TableManifest(
            manifest.formatVersion(),
            manifest.modelFingerprint(),
            manifest.tokenizerFingerprint(),
            manifest.vocabularySize(),
            manifest.maxNgram(),
            manifest.dim(),
            manifest.dtype(),
            manifest.rowBytes(),
            manifest.rowCount(),
            manifest.rowCountsByLength(),
            other.contentFingerprint(),
            TableManifest.Shard.whole(other.contentFingerprint()),
            manifest.madeBy())
        .write(directory);
    try (Table table = Table.open(directory)) {
      assertThrows(DamagedTableException.class, table::verify);
    }
  }

  @Test
  void aRowThatIsDamagedAfterOpeningFailsItsOwnReadsOnly() throws IOException {
    try (Table table = Table.open(directory);
        TableReader reader = table.reader()) {
      for (int at = 100; at < 150; at++) { // more than what stands between two rows
        flip(rowFile(directory), at);
      }
      int damaged = 0;
      byte[] row = new byte[manifest.rowBytes()];
      for (byte[] key : data.rows().keySet()) {
        int[] tokens = FgramKey.decode(key);
        try {
          reader.read(ordinal(table, tokens), tokens, 0, tokens.length, row, 0);
          assertArrayEquals(data.rows().get(key), row);
        } catch (DamagedTableException e) {
          damaged++;
        }
      }
      assertTrue(damaged == 1 || damaged == 2, "damaged rows: " + damaged);
    }
  }

  @Test
  void aReaderKeepsTheFilesOpenAfterTheTableIsClosed() throws IOException {
    Table table = Table.open(directory);
    TableReader reader = table.reader();
    int[] fgram = table.firstFgrams(1).get(0);
    table.close();
    table.close();
    reader.read(0, fgram, 0, fgram.length, new byte[manifest.rowBytes()], 0);
    assertThrows(IllegalStateException.class, table::reader);
    assertThrows(IllegalStateException.class, table::verify);
    reader.close();
    assertThrows(
        IllegalStateException.class,
        () -> reader.read(0, fgram, 0, fgram.length, new byte[manifest.rowBytes()], 0));
  }

  private List<String> files() throws IOException {
    return Files.readAllLines(directory.resolve("checksums")).stream()
        .map(line -> line.substring(10))
        .toList();
  }

  private static int ordinal(Table table, int[] tokens) {
    return table.index().find(tokens, 0, tokens.length);
  }

  private void assertDamaged() {
    assertDamaged("");
  }

  private void assertDamaged(String damage) {
    DamagedTableException e =
        assertThrows(DamagedTableException.class, () -> Table.open(directory));
    String wanted = "table " + directory + " is damaged: " + damage;
    assertTrue(e.getMessage().startsWith(wanted), e::getMessage);
  }

  private void with(int dim, List<Long> counts) throws IOException {
    new TableManifest(
            manifest.formatVersion(),
            manifest.modelFingerprint(),
            manifest.tokenizerFingerprint(),
            manifest.vocabularySize(),
            manifest.maxNgram(),
            dim,
            manifest.dtype(),
            dim * Float.BYTES,
            counts.stream().mapToLong(Long::longValue).sum(),
            counts,
            manifest.contentFingerprint(),
            manifest.shard(),
            manifest.madeBy())
        .write(directory);
  }

  static Path rowFile(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("rows"))) {
      return files.filter(f -> f.toString().endsWith(".sst")).findFirst().orElseThrow();
    }
  }

  /** Says whether RocksDB reads a file not at all when it opens a database read-only. */
  private static boolean unused(Path file) {
    String name = file.getFileName().toString();
    return name.startsWith("OPTIONS")
        || name.endsWith(".log")
        || name.equals("LOCK")
        || name.equals("IDENTITY");
  }

  private List<String> listing() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.sorted().map(f -> f + " " + f.toFile().lastModified()).toList();
    }
  }

  static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
      f.seek(at);
      int value = f.read();
      f.seek(at);
      f.write(value ^ 0x10);
    }
  }
}
