package io.scone.precompute;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomBundle;
import io.scone.fgram.FgramIndex;
import io.scone.inference.Bundle;
import io.scone.inference.ComputedRows;
import io.scone.inference.Device;
import io.scone.inference.FgramModel;
import io.scone.inference.FgramRows;
import io.scone.inference.TokenWindow;
import io.scone.manifest.TableManifest;
import io.scone.mining.FgramCursor;
import io.scone.mining.FgramFile;
import io.scone.progress.Progress;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.table.Table;
import io.scone.table.TableReader;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrecomputeTest {
  private static final int[] TEXT = new Random(5).ints(3000, 0, 40).toArray();

  @TempDir static Path directory;
  private static Bundle bundle;

  @BeforeAll
  static void makeBundle() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, 32, 48, 1, 2),
            new ModelConfig.Fgram(5, 80, 2, 5, ModelConfig.Combine.RESIDUAL, 4000));
    bundle = RandomBundle.create(directory, config, new int[][] {TEXT}, 5);
    assertTrue(FgramFile.open(bundle.fgrams()).size() > 2000);
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void rowsEqualThoseOfTheModelRunOnOneFgramBitForBit(Dtype dtype) throws Exception {
    Path directoryOfTable = directory.resolve("table-" + dtype);
    TableManifest manifest =
        Precompute.run(bundle, directoryOfTable, dtype, Device.CPU, 3, "test", Progress.NONE);
    assertEquals(bundle.manifest().modelFingerprint(), manifest.modelFingerprint());
    assertEquals(FgramFile.open(bundle.fgrams()).size(), manifest.rowCount());
    try (Table table = Table.open(directoryOfTable);
        TableReader reader = table.reader();
        FgramCursor fgrams = FgramFile.open(bundle.fgrams()).cursor();
        FgramModel model = FgramModel.open(bundle, 2)) {
      RowCodec codec = manifest.rowCodec();
      byte[] row = new byte[codec.rowBytes()];
      float[] values = new float[codec.dim()];
      while (fgrams.next()) {
        int[] tokens = fgrams.tokens();
        int ordinal = table.index().find(tokens, 0, tokens.length);
        reader.read(ordinal, tokens, 0, tokens.length, row, 0);
        model.compute(tokens, tokens.length, values, 0);
        ByteBuffer expected = ByteBuffer.allocate(codec.rowBytes());
        codec.encode(values, 0, expected);
        assertArrayEquals(expected.array(), row, () -> Arrays.toString(tokens));
      }
    }
  }

  @Test
  void aResumedRunMakesTheSameTable() throws Exception {
    Path whole = directory.resolve("whole");
    Path resumed = directory.resolve("resumed");
    TableManifest expected =
        Precompute.run(bundle, whole, Dtype.F16, Device.CPU, 1, "test", Progress.NONE);

    TableSpec spec = TableSpec.of(bundle.manifest(), Dtype.F16, "test");
    try (Table table = Table.open(whole);
        TableReader reader = table.reader();
        FgramCursor fgrams = FgramFile.open(bundle.fgrams()).cursor();
        TableWriter writer = TableWriter.create(resumed, spec)) {
      byte[] row = new byte[spec.rowCodec().rowBytes()];
      for (int i = 0; i < 777 && fgrams.next(); i++) {
        reader.read(i, fgrams.tokens(), 0, fgrams.tokens().length, row, 0);
        writer.add(fgrams.key(), fgrams.count(), ByteBuffer.wrap(row));
      }
    }
    assertEquals(
        expected, Precompute.run(bundle, resumed, Dtype.F16, Device.CPU, 2, "test", Progress.NONE));
  }

  @Test
  void aGpuIsRefusedToAModelThatItsAttentionDoesNotTake() {
    String message =
        assertThrows(IOException.class, () -> FgramModel.open(bundle, new Device(0), 1))
            .getMessage();
    assertTrue(message.contains("export it with --fgram-dtype f16"), message);
  }

  @ParameterizedTest
  @EnumSource(Dtype.class)
  void rowsComputedWhenNeededAreThoseTheTableGives(Dtype dtype) throws Exception {
    FgramIndex index = FgramFile.open(bundle.fgrams()).index();
    RowCodec codec = new RowCodec(dtype, bundle.manifest().mainModel().dim());
    int[] text = Arrays.copyOf(TEXT, 300);
    int[] part = Arrays.copyOfRange(TEXT, 500, 520);
    try (FgramModel single = FgramModel.open(bundle, 1);
        ComputedRows computed = new ComputedRows(index, FgramModel.open(bundle, 2), codec)) {
      FgramRows rows = computed.find(List.of(new TokenWindow(text, 0), new TokenWindow(part, 4)));
      int match = 0;
      for (int position = 0; position < text.length + part.length - 4; position++) {
        int[] tokens = position < text.length ? text : part;
        int end = position < text.length ? position : position - text.length + 4;
        long longest = index.longestMatch(tokens, 0, end);
        if (longest != FgramIndex.NONE) {
          int length = FgramIndex.length(longest);
          assertEquals(position, rows.position(match));
          assertEquals(length, rows.length(match));
          int[] fgram = Arrays.copyOfRange(tokens, end + 1 - length, end + 1);
          assertArrayEquals(roundTrip(single, fgram, codec), rows.row(match));
          match++;
        }
      }
      assertEquals(match, rows.matches());
      assertTrue(match > 100);
    }
  }

  private static float[] roundTrip(FgramModel model, int[] fgram, RowCodec codec) {
    float[] values = new float[codec.dim()];
    model.compute(fgram, fgram.length, values, 0);
    ByteBuffer row = ByteBuffer.allocate(codec.rowBytes());
    codec.encode(values, 0, row);
    codec.decode(row.flip(), values, 0);
    return values;
  }
}
