package io.scone.inference;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.scone.export.RandomBundle;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.training.ModelConfig;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sequences whose tensors lie in a device's memory read as sequences in the host's do: what GPUs
 * run, over the memory of the CPU and on it.
 */
class DeviceSequencesTest {
  private static final int CAPACITY = 24;
  private static final float TOLERANCE = 1e-4f; // sums of other batch sizes end in other bits

  @TempDir private static Path directory;

  private static Bundle bundle;
  private static int[][] texts;
  private static RowSource rows;
  private static MainModel onHost;
  private static MainModel onDevice;

  @BeforeAll
  static void open() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, 64, 48, 2, 3),
            new ModelConfig.Fgram(4, 1, 3));
    Random random = new Random(11);
    texts = new int[10][];
    for (int i = 0; i < texts.length; i++) {
      texts[i] = random.ints(CAPACITY, 0, 40).toArray();
    }
    bundle = RandomBundle.create(directory, config, texts, 5);
    rows =
        new ComputedRows(
            FgramFile.open(bundle.fgrams()).index(),
            FgramModel.open(bundle, 1),
            new RowCodec(Dtype.F16, config.main().dim()));
    onHost = MainModel.open(bundle, Device.CPU, 1);
    onDevice =
        new MainModel(
            new ModelSession(Ort.open(bundle.mainModel(), Device.CPU, 1), new HostDeviceMemory()),
            bundle.manifest().mainModel());
  }

  @AfterAll
  static void close() {
    onDevice.close();
    onHost.close();
    rows.close();
  }

  @Test
  void stepsOfEveryNumberOfSlotsAgree() {
    try (Sequences expected = onHost.begin(texts.length, CAPACITY);
        Sequences read = onDevice.begin(texts.length, CAPACITY)) {
      for (int slot = 0; slot < texts.length; slot++) {
        int[] beginning = Arrays.copyOf(texts[slot], 1 + slot);
        FgramRows found = rows.find(List.of(new TokenWindow(beginning, 0)));
        assertAgree(
            expected.prefill(slot, beginning, found, 1), read.prefill(slot, beginning, found, 1));
      }
      for (int count : new int[] {1, 2, 9, 10, 3, 10}) { // nine are read in a step of ten
        decode(expected, read, count);
      }
      for (int i = 0; i < 3; i++) {
        expected.copy(9, i);
        read.copy(9, i);
        texts[i] = texts[9];
      }
      decode(expected, read, 10);
    }
    assertEquals(0, onDevice.gpuMemoryUsed());
  }

  @Test
  void slotsThatTakeNoPartKeepWhatTheyHold() {
    try (Sequences expected = onHost.begin(10, CAPACITY);
        Sequences read = onDevice.begin(10, CAPACITY)) {
      for (Sequences each : List.of(expected, read)) {
        each.prefill(0, new int[] {1}, FgramRows.none(), 1);
        each.prefill(9, texts[9], FgramRows.none(), 1); // up to the last place
        for (int slot = 1; slot < 9; slot++) {
          each.prefill(slot, new int[] {slot, 5}, FgramRows.none(), 1);
        }
        // Ten take part.
        each.decode(new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, FgramRows.none(), () -> {});
        each.copy(9, 0);
        each.clear(9);
      }
      assertAgree(
          expected.prefill(9, new int[] {3, 4}, FgramRows.none(), 2),
          read.prefill(9, new int[] {3, 4}, FgramRows.none(), 2));
      assertAgree(
          expected.prefill(1, new int[] {3, 4}, FgramRows.none(), 2),
          read.prefill(1, new int[] {3, 4}, FgramRows.none(), 2));
    }
  }

  /** Reads the next token of each of the first slots on both sides. */
  private static void decode(Sequences expected, Sequences read, int count) {
    int[] tokens = new int[count];
    List<TokenWindow> windows = new ArrayList<>();
    for (int slot = 0; slot < count; slot++) {
      int at = expected.length(slot);
      tokens[slot] = texts[slot][at];
      windows.add(TokenWindow.of(texts[slot], at, at + 1, rows.context()));
    }
    FgramRows found = rows.find(windows);
    Runnable nothing = () -> {};
    assertAgree(expected.decode(tokens, found, nothing), read.decode(tokens, found, nothing));
  }

  private static void assertAgree(FloatBuffer expected, FloatBuffer actual) {
    assertArrayEquals(floats(expected), floats(actual), TOLERANCE);
  }

  private static float[] floats(FloatBuffer buffer) {
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
