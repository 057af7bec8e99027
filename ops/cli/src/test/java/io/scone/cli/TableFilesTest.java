package io.scone.cli;

import static io.scone.cli.SconeRun.done;
import static io.scone.cli.SconeRun.exitCode;
import static io.scone.cli.SconeRun.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.TableManifest;
import io.scone.row.Dtype;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The commands that read tables on disk. */
class TableFilesTest {
  private static final int DIM = 3;
  private static final int MAX_NGRAM = 3;

  /** F-grams in key order, each after its suffix. */
  private static final int[][] FGRAMS = {{5, 0}, {7, 1}, {2, 7, 1}, {9, 1}, {1, 2}, {0, 1, 2}};

  @TempDir private Path temporary;

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void exportedTensorsHoldTheTable(Dtype dtype) throws IOException {
    Path table = temporary.resolve("table");
    float[][] values = build(table, dtype);
    Path file = temporary.resolve("out/table.safetensors");
    done("table export " + table + " --out " + file);
    Safetensors tensors = Safetensors.open(file);
    assertEquals(List.of("tokens", "lengths", "counts", "rows"), List.copyOf(tensors.names()));
    assertEquals(List.of((long) FGRAMS.length, (long) MAX_NGRAM), tensors.shape("tokens"));
    assertEquals(List.of((long) FGRAMS.length, (long) DIM), tensors.shape("rows"));
    ByteBuffer tokens = tensors.data("tokens");
    ByteBuffer lengths = tensors.data("lengths");
    ByteBuffer counts = tensors.data("counts");
    ByteBuffer rows = tensors.data("rows");
    Dtype exported = dtype == Dtype.INT8 || dtype == Dtype.INT4 ? Dtype.F32 : dtype;
    for (int i = 0; i < FGRAMS.length; i++) {
      long[] padded = new long[MAX_NGRAM];
      Arrays.fill(padded, -1);
      for (int t = 0; t < FGRAMS[i].length; t++) {
        padded[t] = FGRAMS[i][t];
      }
      for (long token : padded) {
        assertEquals(token, tokens.getLong());
      }
      assertEquals(FGRAMS[i].length, lengths.getLong());
      assertEquals(100 + i, counts.getLong());
      float[] row = new float[DIM];
      new io.scone.row.RowCodec(exported, DIM).decode(rows, row, 0);
      assertArrayEquals(values[i], row);
    }
    assertFalse(rows.hasRemaining());
    assertEquals(exported.name(), tensors.type("rows").name());
  }

  @Test
  void exportedLinesHoldTheTable() throws IOException {
    Path table = temporary.resolve("table");
    float[][] values = build(table, Dtype.F32);
    List<String> lines = done("table export " + table).lines().toList();
    assertEquals(FGRAMS.length, lines.size());
    for (int i = 0; i < FGRAMS.length; i++) {
      JsonNode line = new ObjectMapper().readTree(lines.get(i));
      ObjectMapper mapper = new ObjectMapper();
      assertArrayEquals(FGRAMS[i], mapper.convertValue(line.get("fgram"), int[].class));
      assertEquals(100 + i, line.get("count").asLong());
      assertArrayEquals(values[i], mapper.convertValue(line.get("values"), float[].class));
    }
    Path file = temporary.resolve("rows.jsonl");
    done("table export " + table + " --out " + file);
    assertEquals(lines, Files.readAllLines(file));
  }

  @Test
  void aSplitTableIsOneVerifiedTableForEachShard() throws IOException {
    Path table = temporary.resolve("table");
    build(table, Dtype.F16);
    Path out = temporary.resolve("shards");
    JsonNode shards = json("table split " + table + " --shards 2 --out " + out);
    assertEquals(2, shards.size());
    assertEquals(
        FGRAMS.length, shards.get(0).get("rows").asInt() + shards.get(1).get("rows").asInt());
    for (JsonNode shard : shards) {
      String directory = shard.get("directory").asText();
      done("table verify " + directory);
      JsonNode inspected = json("table inspect " + directory);
      assertEquals(
          shard.get("shard").asInt() + " of 2 of " + version(table),
          inspected.get("shard").asText());
    }
  }

  @Test
  void verifyFindsAFlippedByteWhereverItIs() throws IOException {
    Path table = temporary.resolve("table");
    build(table, Dtype.F32);
    done("table verify " + table);
    List<Path> files;
    try (Stream<Path> tree = Files.walk(table)) {
      files =
          tree.filter(Files::isRegularFile)
              .filter(file -> !file.getFileName().toString().equals(TableManifest.FILE))
              .toList();
    }
    int flipped = 0;
    for (Path file : files) {
      long size = Files.size(file);
      for (long at : new long[] {0, size / 2, size - 1}) {
        if (size > 0) {
          flip(file, at);
          assertEquals(1, exitCode("table verify " + table), "" + file);
          flip(file, at);
          flipped++;
        }
      }
    }
    assertTrue(flipped >= 6);
    done("table verify " + table);
  }

  private static String version(Path table) throws IOException {
    return TableManifest.read(table).contentFingerprint();
  }

  /** Builds the table; the i-th f-gram was counted 100 + i times. Returns its rows, decoded. */
  private static float[][] build(Path directory, Dtype dtype) throws IOException {
    String fingerprint = new Fingerprint().finish();
    TableSpec spec =
        new TableSpec(fingerprint, fingerprint, fingerprint, 10, MAX_NGRAM, DIM, dtype, "test");
    Random random = new Random(3);
    float[][] rows = new float[FGRAMS.length][DIM];
    try (TableWriter writer = TableWriter.create(directory, spec)) {
      for (int i = 0; i < FGRAMS.length; i++) {
        for (int v = 0; v < DIM; v++) {
          rows[i][v] = random.nextFloat() - 0.5f;
        }
        ByteBuffer row =
            ByteBuffer.allocate(spec.rowCodec().rowBytes()).order(ByteOrder.LITTLE_ENDIAN);
        spec.rowCodec().encode(rows[i], 0, row);
        spec.rowCodec().decode(row.flip(), rows[i], 0);
        writer.add(FgramKey.encode(FGRAMS[i]), 100 + i, row.rewind());
      }
      var unused = writer.publish();
    }
    return rows;
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int value = bytes.read();
      bytes.seek(at);
      bytes.write(value ^ 0x20);
    }
  }
}
