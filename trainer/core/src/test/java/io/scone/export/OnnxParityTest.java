package io.scone.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.scone.fgram.FgramIndex;
import io.scone.inference.Bundle;
import io.scone.inference.ComputedRows;
import io.scone.inference.Device;
import io.scone.inference.FgramModel;
import io.scone.inference.FgramRows;
import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import io.scone.inference.Sequences;
import io.scone.inference.TokenWindow;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.training.ModelConfig;
import io.scone.training.ReferenceModel;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The models as PyTorch runs them against the graphs as ONNX Runtime runs them. */
class OnnxParityTest {
  private static final float TOLERANCE = 1e-4f;
  private static final int MAX_NGRAM = 5;
  private static final int LENGTH = 40;

  @TempDir static Path directory;
  private static ReferenceModel reference;
  private static Bundle bundle;
  private static MainModel model;
  private static FgramIndex index;
  private static RowSource computed;
  private static int[][] sequences;

  @BeforeAll
  static void export() throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, 64, 48, 3, 2),
            new ModelConfig.Fgram(MAX_NGRAM, 2, 6));
    Random random = new Random(7);
    sequences = new int[2][];
    for (int i = 0; i < sequences.length; i++) {
      sequences[i] = random.ints(LENGTH, 0, 256).toArray();
    }
    bundle = RandomBundle.create(directory, config, sequences, 7);
    index = FgramFile.open(bundle.fgrams()).index();
    reference = ReferenceModel.load(directory.resolve("checkpoint"));
    model = MainModel.open(bundle, Device.CPU, 2);
    computed =
        new ComputedRows(
            index, FgramModel.open(bundle, 1), new RowCodec(Dtype.F32, config.main().dim()));
  }

  @AfterAll
  static void close() {
    computed.close();
    model.close();
    reference.close();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void prefillAgrees(boolean withRows) {
    try (Sequences read = model.begin(2, LENGTH)) {
      float[] logits = append(read, withRows, 0, LENGTH);
      assertArrayEquals(expected(withRows, 0, 0, LENGTH), part(logits, 0, LENGTH), TOLERANCE);
      assertArrayEquals(expected(withRows, 1, 0, LENGTH), part(logits, LENGTH, LENGTH), TOLERANCE);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void prefillInPartsAndDecodingAgree(boolean withRows) {
    try (Sequences read = model.begin(1, 64)) {
      int at = 0;
      for (int count : new int[] {10, 1, 1, 20, 2, 1, 5}) {
        float[] logits = append(read, withRows, at, count);
        assertArrayEquals(expected(withRows, 0, at, count), logits, TOLERANCE);
        at += count;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void sequencesOfDifferentLengthsAgree(boolean withRows) {
    int[] ends = {7, 31};
    try (Sequences read = model.begin(2, 64)) {
      read.append(
          new int[][] {{1, 2, 3}, {4}}, FgramRows.none(), new int[] {0, 1}); // to be forgotten
      read.clear();
      int[] starts = {0, 0};
      for (int step = 0; step < 6; step++) {
        float[] logits = append(read, withRows, starts, ends);
        int first = ends[0] - starts[0];
        int second = ends[1] - starts[1];
        assertArrayEquals(
            expected(withRows, 0, starts[0], first), part(logits, 0, first), TOLERANCE);
        assertArrayEquals(
            expected(withRows, 1, starts[1], second), part(logits, first, second), TOLERANCE);
        starts = ends.clone();
        ends = new int[] {ends[0] + 1, ends[1] + 1};
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void slotsAreFilledDecodedAndCopiedApartFromEachOther(boolean withRows) {
    try (Sequences read = model.begin(3, 64)) {
      prefill(read, 0, 0, 0, 9, withRows);
      prefill(read, 1, 1, 0, 5, withRows);
      decode(read, new int[] {0, 1}, withRows);
      prefill(read, 2, 1, 0, 20, withRows); // while the others are under way
      prefill(read, 1, 1, 6, 4, withRows);
      decode(read, new int[] {0, 1, 1}, withRows);
      read.copy(2, 0); // the first has ended
      assertEquals(21, read.length(0));
      decode(read, new int[] {1, 1}, withRows);
      read.clear(1);
      prefill(read, 1, 0, 0, 7, withRows);
      decode(read, new int[] {1, 0, 1}, withRows);
    }
  }

  /** Reads a part of a sequence into a slot and compares the logits. */
  private static void prefill(
      Sequences read, int slot, int sequence, int start, int count, boolean withRows) {
    int end = start + count;
    int[] tokens = Arrays.copyOfRange(sequences[sequence], start, end);
    FgramRows rows =
        withRows ? computed.find(List.of(window(sequence, start, end))) : FgramRows.none();
    float[] logits = floats(read.prefill(slot, tokens, rows, count));
    assertArrayEquals(expected(withRows, sequence, start, count), logits, TOLERANCE);
  }

  /** Reads the next token of the sequence in each of the first slots and compares the logits. */
  private static void decode(Sequences read, int[] inSlots, boolean withRows) {
    int[] tokens = new int[inSlots.length];
    List<TokenWindow> windows = new ArrayList<>();
    for (int slot = 0; slot < inSlots.length; slot++) {
      int at = read.length(slot);
      tokens[slot] = sequences[inSlots[slot]][at];
      windows.add(window(inSlots[slot], at, at + 1));
    }
    FgramRows rows = withRows ? computed.find(windows) : FgramRows.none();
    float[] logits = floats(read.decode(tokens, rows, () -> {}));
    for (int slot = 0; slot < inSlots.length; slot++) {
      assertArrayEquals(
          expected(withRows, inSlots[slot], read.length(slot) - 1, 1),
          part(logits, slot, 1),
          TOLERANCE);
    }
  }

  private static TokenWindow window(int sequence, int start, int end) {
    return TokenWindow.of(sequences[sequence], start, end, computed.context());
  }

  @Test
  void logitsComeWhereTheyAreWanted() {
    try (Sequences read = model.begin(2, LENGTH)) {
      float[] logits = floats(read.append(sequences, FgramRows.none(), new int[] {2, 3}));
      assertArrayEquals(expected(false, 0, LENGTH - 2, 2), part(logits, 0, 2), TOLERANCE);
      assertArrayEquals(expected(false, 1, LENGTH - 3, 3), part(logits, 2, 3), TOLERANCE);
      read.clear();
      assertArrayEquals(
          new float[0], floats(read.append(sequences, FgramRows.none(), new int[] {0, 0})));
    }
  }

  @Test
  void fgramsOfAllLengthsInOneBatchAgree() throws Exception {
    Random random = new Random(3);
    int[][] fgrams = new int[40][];
    long[] padded = new long[fgrams.length * MAX_NGRAM];
    for (int i = 0; i < fgrams.length; i++) {
      fgrams[i] = random.ints(2 + i % (MAX_NGRAM - 1), 0, RandomBundle.VOCABULARY).toArray();
      for (int j = 0; j < MAX_NGRAM; j++) {
        padded[i * MAX_NGRAM + j] = j < fgrams[i].length ? fgrams[i][j] : random.nextInt(9);
      }
    }
    long[] lengths = Arrays.stream(fgrams).mapToLong(fgram -> fgram.length).toArray();
    assertArrayEquals(
        reference.rows(fgrams), rows(bundle.fgramModel(), padded, MAX_NGRAM, lengths), TOLERANCE);
  }

  /** F-gram models as wide as the main model (0), narrower and wider. */
  @ParameterizedTest
  @CsvSource({
    "0, 2, ADD, 0",
    "0, 2, RESIDUAL, 0",
    "24, 2, REPLACE, 0",
    "24, 2, ADD, 0",
    "24, 2, RESIDUAL, 0",
    "96, 2, REPLACE, 0",
    "24, 2, REPLACE, 50",
    "24, 1, RESIDUAL, 50",
    "0, 0, RESIDUAL, 1000"
  })
  void rowsOfEveryWidthAndCombinationAgree(
      int dim, int layers, ModelConfig.Combine combine, int memory) throws Exception {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(RandomBundle.VOCABULARY, 64, 48, 1, 2),
            new ModelConfig.Fgram(MAX_NGRAM, dim, layers, 3, combine, memory));
    String name = combine + "-" + dim + "-" + memory;
    Path checkpoint = RandomCheckpoint.write(directory.resolve(name), config, 4);
    Path file = directory.resolve(name + ".onnx");
    FgramGraph.build(config, new CheckpointWeights(checkpoint), Dtype.F32)
        .write(file, Long.MAX_VALUE);
    long[] fgrams = {1, 2, 3, 4, 5, 0};
    long[] lengths = {3, 2};
    try (ReferenceModel trained = ReferenceModel.load(checkpoint)) {
      assertArrayEquals(
          trained.rows(new int[][] {{1, 2, 3}, {4, 5}}), rows(file, fgrams, 3, lengths), TOLERANCE);
    }
  }

  @Test
  void aBaselineAgrees() throws Exception {
    Path parts = Files.createDirectory(directory.resolve("baseline"));
    ModelConfig config =
        new ModelConfig(new ModelConfig.Main(RandomBundle.VOCABULARY, 64, 48, 3, 2), null);
    Bundle exported = RandomBundle.create(parts, config, sequences, 9);
    try (ReferenceModel trained = ReferenceModel.load(parts.resolve("checkpoint"));
        MainModel main = MainModel.open(exported, Device.CPU, 1);
        Sequences read = main.begin(2, LENGTH)) {
      float[] expected = trained.logits(sequences, new int[0], new float[0]);
      assertArrayEquals(expected, append(read, false, 0, LENGTH), TOLERANCE);
    }
  }

  @Test
  void weightsInAFileOfTheirOwnMakeTheSameModel() throws Exception {
    Path checkpoint = directory.resolve("checkpoint");
    Path file = Files.createDirectory(directory.resolve("external")).resolve("fgram.onnx");
    FgramGraph.build(ModelConfig.read(checkpoint), new CheckpointWeights(checkpoint), Dtype.F32)
        .write(file, 0);
    assertTrue(Files.size(file) < 10_000);
    long[] fgrams = {1, 2, 3, 4, 5, 0};
    long[] lengths = {3, 2};
    assertArrayEquals(
        rows(bundle.fgramModel(), fgrams, 3, lengths), rows(file, fgrams, 3, lengths));
  }

  private static float[] rows(Path graph, long[] fgrams, int width, long[] lengths)
      throws Exception {
    OrtEnvironment environment = OrtEnvironment.getEnvironment();
    try (OrtSession session = environment.createSession(graph.toString());
        OnnxTensor tokens =
            OnnxTensor.createTensor(
                environment, LongBuffer.wrap(fgrams), new long[] {lengths.length, width});
        OnnxTensor ends =
            OnnxTensor.createTensor(
                environment, LongBuffer.wrap(lengths), new long[] {lengths.length});
        OrtSession.Result rows = session.run(Map.of("fgram_tokens", tokens, "lengths", ends))) {
      return floats(((OnnxTensor) rows.get("rows").orElseThrow()).getFloatBuffer());
    }
  }

  /** Reads the next tokens of as many sequences as there are and returns the logits of all. */
  private static float[] append(Sequences read, boolean withRows, int start, int count) {
    int[] starts = new int[read.count()];
    Arrays.fill(starts, start);
    return append(read, withRows, starts, Arrays.stream(starts).map(s -> s + count).toArray());
  }

  private static float[] append(Sequences read, boolean withRows, int[] starts, int[] ends) {
    int[][] added = new int[read.count()][];
    List<TokenWindow> windows = new ArrayList<>();
    for (int i = 0; i < read.count(); i++) {
      added[i] = Arrays.copyOfRange(sequences[i], starts[i], ends[i]);
      windows.add(window(i, starts[i], ends[i]));
    }
    FgramRows rows = withRows ? computed.find(windows) : FgramRows.none();
    int[] wanted = Arrays.stream(added).mapToInt(tokens -> tokens.length).toArray();
    return floats(read.append(added, rows, wanted));
  }

  /** Returns the logits that PyTorch gives for a part of a sequence. */
  private static float[] expected(boolean withRows, int sequence, int from, int count) {
    int[] tokens = sequences[sequence];
    int[] positions =
        IntStream.range(0, withRows ? LENGTH : 0)
            .filter(i -> index.longestMatch(tokens, 0, i) != FgramIndex.NONE)
            .toArray();
    int[][] fgrams = new int[positions.length][];
    for (int i = 0; i < positions.length; i++) {
      int length = FgramIndex.length(index.longestMatch(tokens, 0, positions[i]));
      fgrams[i] = Arrays.copyOfRange(tokens, positions[i] + 1 - length, positions[i] + 1);
    }
    float[] logits = reference.logits(new int[][] {tokens}, positions, reference.rows(fgrams));
    return part(logits, from, count);
  }

  private static float[] part(float[] logits, int from, int count) {
    return Arrays.copyOfRange(
        logits, from * RandomBundle.VOCABULARY, (from + count) * RandomBundle.VOCABULARY);
  }

  private static float[] floats(FloatBuffer buffer) {
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }
}
