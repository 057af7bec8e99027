package io.scone.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.scone.fgram.FgramKey;
import io.scone.fgram.FgramShard;
import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TableSplitterTest {
  @TempDir private Path temporary;

  private record Entry(long count, ByteBuffer row) {}

  @Test
  void theShardsTogetherAreTheWholeTable() throws IOException {
    Random random = new Random(1);
    for (int round = 0; round < 8; round++) {
      Path directory = temporary.resolve("whole-" + round);
      TableManifest whole = new TestTable(round, 1 + random.nextInt(600), 4).build(directory);
      int count = 2 + random.nextInt(6);
      List<Path> shards = split(directory, temporary.resolve("shards-" + round), count);
      assertEquals(count, shards.size());
      TreeMap<byte[], Entry> union = new TreeMap<>(FgramKey::compare);
      for (int index = 0; index < count; index++) {
        try (Table shard = Table.open(shards.get(index))) {
          shard.verify();
          assertEquals(
              new TableManifest.Shard(index, count, whole.contentFingerprint()),
              shard.manifest().shard());
          assertEquals(whole.modelFingerprint(), shard.manifest().modelFingerprint());
          for (var entry : entries(shard).entrySet()) {
            int[] fgram = FgramKey.decode(entry.getKey());
            int n = fgram.length;
            assertEquals(index, FgramShard.of(fgram[n - 2], fgram[n - 1], count));
            union.put(entry.getKey(), entry.getValue());
          }
        }
      }
      assertWhole(directory, union);
    }
  }

  /** Asserts that the union has the table's keys, counts and rows, and so its fingerprint. */
  private static void assertWhole(Path directory, Map<byte[], Entry> union) throws IOException {
    try (Table table = Table.open(directory)) {
      TableManifest manifest = table.manifest();
      List<byte[]> keys = new ArrayList<>(union.keySet());
      int at = 0;
      for (var entry : entries(table).entrySet()) {
        assertArrayEquals(entry.getKey(), keys.get(at));
        assertEquals(entry.getValue(), union.get(keys.get(at++)));
      }
      assertEquals(keys.size(), at);
      TableContent content =
          new TableContent(manifest.vocabularySize(), manifest.maxNgram(), manifest.rowBytes());
      for (var entry : union.entrySet()) {
        content.visit(entry.getKey(), entry.getValue().count, entry.getValue().row);
      }
      assertEquals(manifest.contentFingerprint(), content.fingerprint());
    }
  }

  @Test
  void aSplitThatWasEndedEarlyIsGoneOnWith() throws IOException {
    Path directory = temporary.resolve("whole");
    new TestTable(5, 400, 4).build(directory);
    List<String> wanted = fingerprints(split(directory, temporary.resolve("at-once"), 3));
    Path out = temporary.resolve("in-parts");
    try (Table table = Table.open(directory)) {
      long[] done = {0};
      assertThrows(
          IllegalStateException.class,
          () ->
              TableSplitter.split(
                  table,
                  out,
                  3,
                  rows -> {
                    done[0] += rows;
                    if (done[0] == 200) {
                      throw new IllegalStateException("ended");
                    }
                  }));
    }
    assertFalse(Files.exists(out.resolve("shard-0-of-3")));
    List<Path> shards = split(directory, out, 3);
    assertEquals(wanted, fingerprints(shards));
    Durable.delete(shards.get(1)); // as if it had been ended between the first and the second
    assertEquals(wanted, fingerprints(split(directory, out, 3)));
  }

  @Test
  void onlyAWholeTableIsSplitAndInTwoAtLeast() throws IOException {
    Path directory = temporary.resolve("whole");
    new TestTable(6, 200, 4).build(directory);
    Path out = temporary.resolve("shards");
    List<Path> shards = split(directory, out, 2);
    TableException e =
        assertThrows(TableException.class, () -> split(shards.get(0), temporary.resolve("x"), 2));
    assertEquals(
        "table "
            + shards.get(0)
            + " is a shard itself; split the whole table into as many shards as you want",
        e.getMessage());
    assertThrows(IllegalArgumentException.class, () -> split(directory, out, 1));
  }

  private static List<Path> split(Path table, Path into, int count) throws IOException {
    try (Table whole = Table.open(table)) {
      return TableSplitter.split(whole, into, count, rows -> {});
    }
  }

  private static List<String> fingerprints(List<Path> shards) throws IOException {
    List<String> fingerprints = new ArrayList<>();
    for (Path shard : shards) {
      fingerprints.add(TableManifest.read(shard).contentFingerprint());
    }
    return fingerprints;
  }

  private static Map<byte[], Entry> entries(Table table) throws IOException {
    TreeMap<byte[], Entry> entries = new TreeMap<>(FgramKey::compare);
    table.scan(
        (key, count, row) -> {
          byte[] bytes = new byte[row.remaining()];
          row.get(bytes);
          entries.put(key.clone(), new Entry(count, ByteBuffer.wrap(bytes)));
        });
    return entries;
  }
}
