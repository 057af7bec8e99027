package io.scone.table;

import io.scone.fgram.FgramKey;
import io.scone.fgram.FgramShard;
import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The division of a table into shards, each a table of its own that holds the f-grams that {@link
 * FgramShard} gives it, with their counts and the very bytes of their rows.
 *
 * <p>The table is read once, in key order. Each shard appears complete and durable or not at all; a
 * division that was ended early is resumed by the next one with the same arguments.
 */
public final class TableSplitter implements AutoCloseable {
  private final Table table;
  private final List<Path> directories = new ArrayList<>();

  /** The builds of the shards; null for one that an earlier run has published. */
  private final List<TableWriter> shards = new ArrayList<>();

  /** For each shard, the rows that an earlier run has written and this one passes over. */
  private final long[] written;

  private TableSplitter(Table table, int count) {
    this.table = table;
    this.written = new long[count];
  }

  /**
   * Divides a table.
   *
   * @param into the directory that gets the shards, {@code shard-I-of-N}; made if it is missing
   * @param count how many shards, at least 2
   * @param progress is told of rows done
   * @return the shards' directories, in order
   * @throws TableException if the table is itself a shard
   * @throws IOException if the table cannot be read or a shard not be written
   */
  public static List<Path> split(Table table, Path into, int count, LongConsumer progress)
      throws IOException {
    if (count < 2) {
      throw new IllegalArgumentException(count + " shards; a table is split into 2 or more");
    }
    if (!table.manifest().shard().isWhole()) {
      throw new TableException(
          "table "
              + table.directory()
              + " is a shard itself; split the whole table into as many shards as you want");
    }
    try (TableSplitter splitter = new TableSplitter(table, count)) {
      for (int index = 0; index < count; index++) {
        splitter.begin(into.resolve("shard-%d-of-%d".formatted(index, count)), index);
      }
      table.scan(
          (key, fgramCount, row) -> {
            splitter.add(key, fgramCount, row);
            progress.accept(1);
          });
      for (TableWriter shard : splitter.shards) {
        if (shard != null) {
          var unused = shard.publish();
        }
      }
      return splitter.directories;
    }
  }

  private void begin(Path directory, int index) throws IOException {
    TableManifest whole = table.manifest();
    var part = new TableManifest.Shard(index, written.length, whole.contentFingerprint());
    directories.add(directory);
    if (isSplitOff(directory, part)) {
      shards.add(null);
      return;
    }
    TableSpec spec =
        new TableSpec(
            whole.modelFingerprint(),
            whole.tokenizerFingerprint(),
            whole.contentFingerprint(), // its f-grams among it
            whole.vocabularySize(),
            whole.maxNgram(),
            whole.dim(),
            whole.dtype(),
            part,
            whole.madeBy());
    TableWriter shard = TableWriter.create(directory, spec);
    shards.add(shard);
    written[index] = shard.rowsWritten();
  }

  /** Says whether an earlier run has published this shard. */
  private static boolean isSplitOff(Path directory, TableManifest.Shard part) throws IOException {
    return Files.exists(directory.resolve(TableManifest.FILE))
        && TableManifest.read(directory).shard().equals(part);
  }

  private void add(byte[] key, long count, ByteBuffer row) throws IOException {
    int[] fgram = FgramKey.decode(key);
    int shard = FgramShard.of(fgram[fgram.length - 2], fgram[fgram.length - 1], written.length);
    if (shards.get(shard) == null) {
      return;
    }
    if (written[shard] > 0) {
      written[shard]--;
      return;
    }
    shards.get(shard).add(key, count, row);
  }

  @Override
  public void close() throws IOException {
    for (TableWriter shard : shards) {
      if (shard != null) {
        shard.close();
      }
    }
  }
}
