package io.scone.export;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scone.manifest.Precision;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.training.ModelConfig;
import io.scone.training.ReferenceModel;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The graphs in each type against the models as PyTorch runs them in float32. */
class PrecisionParityTest {
  private static final OrtEnvironment ENVIRONMENT = OrtEnvironment.getEnvironment();
  private static final ModelConfig CONFIG =
      new ModelConfig(
          new ModelConfig.Main(RandomBundle.VOCABULARY, 64, 64, 3, 2),
          new ModelConfig.Fgram(4, 2, 8));
  private static final int DIM = CONFIG.main().dim();
  private static final int BATCH = 2;
  private static final int LENGTH = 20;
  private static final int NOWHERE = BATCH * LENGTH;

  @TempDir static Path directory;
  private static ReferenceModel reference;
  private static int[][] tokens;

  @BeforeAll
  static void load() throws Exception {
    reference = ReferenceModel.load(RandomCheckpoint.write(directory, CONFIG, 5));
    Random random = new Random(5);
    tokens = new int[BATCH][];
    for (int i = 0; i < BATCH; i++) {
      tokens[i] = random.ints(LENGTH, 0, RandomBundle.VOCABULARY).toArray();
    }
  }

  @AfterAll
  static void close() {
    reference.close();
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void logitsAgreeUpToRounding(Dtype dtype) throws Exception {
    int[] positions = {3, 4, 19, 20, 33};
    float[] rows = rows(positions.length);
    float[] expected = reference.logits(tokens, positions, rows);
    assertArrayEquals(
        expected, logits(graph(dtype), dtype, positions, rows), tolerance(expected, dtype));
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void rowsThatNoTokenTakesChangeNothing(Dtype dtype) throws Exception {
    int[] positions = {NOWHERE, 3, NOWHERE, 39, NOWHERE};
    float[] rows = rows(positions.length);
    float[] placed = new float[2 * DIM];
    System.arraycopy(rows, DIM, placed, 0, DIM);
    System.arraycopy(rows, 3 * DIM, placed, DIM, DIM);
    float[] dropped = logits(graph(dtype), dtype, positions, rows);
    assertArrayEquals(logits(graph(dtype), dtype, new int[] {3, 39}, placed), dropped);
    assertArrayEquals(
        logits(graph(dtype), dtype, new int[0], new float[0]),
        logits(graph(dtype), dtype, new int[] {NOWHERE, NOWHERE}, rows(2)));
  }

  /** What blocks of few bits stand for is a model too. */
  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4", "int8-f16", "int4-f16"})
  void blocksOfFewBitsComputeWhatTheyStandFor(String name) throws Exception {
    Precision precision = Precision.of(name);
    Dtype dtype = precision.activations();
    int[] positions = {3, 4, 19, NOWHERE, 33};
    float[] rows = rows(positions.length);
    Path rounded = Files.createDirectory(directory.resolve(name));
    DequantizedCheckpoint.write(directory, rounded, precision);
    float[] logits = logits(graph(precision), dtype, positions, rows);
    try (ReferenceModel model = ReferenceModel.load(rounded)) {
      float[] placed = new float[4 * DIM];
      System.arraycopy(rows, 0, placed, 0, 3 * DIM);
      System.arraycopy(rows, 4 * DIM, placed, 3 * DIM, DIM);
      float[] expected = model.logits(tokens, new int[] {3, 4, 19, 33}, placed);
      // Activations are rounded to 8 bits for each product, half a unit of the largest of a block.
      assertArrayEquals(expected, logits, tolerance(expected, 0x1p-9f));
    }
  }

  @Test
  void modelsOfRandomWeightsComputeNumbers() throws Exception {
    Path file = directory.resolve("random.onnx");
    MainGraph.build(CONFIG.main(), new RandomWeights(CONFIG, 1), Precision.of(Dtype.F16))
        .write(file, 0);
    float[] logits = logits(file, Dtype.F16, new int[] {2}, rows(1));
    double squares = 0;
    for (float logit : logits) {
      squares += logit * logit;
    }
    // The head takes normed values to products with 64 weights of deviation 0.02.
    assertEquals(0.02 * Math.sqrt(DIM), Math.sqrt(squares / logits.length), 0.02);
  }

  private static float tolerance(float[] expected, Dtype dtype) {
    return tolerance(expected, dtype == Dtype.F32 ? 0x1p-24f : 0x1p-11f);
  }

  /** Some sixteen roundings, each by half a unit in the last place, of the largest value. */
  private static float tolerance(float[] expected, float rounding) {
    float largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    return 16 * largest * rounding;
  }

  private static float[] rows(int count) {
    Random random = new Random(count);
    float[] rows = new float[count * DIM];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = (float) random.nextGaussian();
    }
    return rows;
  }

  private static Path graph(Dtype dtype) throws Exception {
    return graph(Precision.of(dtype));
  }

  private static Path graph(Precision precision) throws Exception {
    Path file = directory.resolve(precision + ".onnx");
    MainGraph.build(CONFIG.main(), new CheckpointWeights(directory), precision)
        .write(file, 1 << 20);
    return file;
  }

  /** Runs a graph over all tokens and returns the logits of each. */
  private static float[] logits(Path graph, Dtype dtype, int[] positions, float[] rows)
      throws Exception {
    int heads = CONFIG.main().heads();
    Map<String, OnnxTensor> inputs = new HashMap<>();
    try (OrtSession session = ENVIRONMENT.createSession(graph.toString())) {
      inputs.put(
          "input_ids",
          longs(
              IntStream.range(0, NOWHERE).map(i -> tokens[i / LENGTH][i % LENGTH]), BATCH, LENGTH));
      inputs.put(
          "position_ids", longs(IntStream.range(0, NOWHERE).map(i -> i % LENGTH), BATCH, LENGTH));
      inputs.put("embedding_indices", longs(embeddings(positions), BATCH, LENGTH));
      inputs.put("fgram_rows", values(dtype, rows, positions.length, DIM));
      inputs.put("logit_positions", longs(IntStream.range(0, NOWHERE), NOWHERE));
      inputs.put(
          "seqlens_k",
          OnnxTensor.createTensor(
              ENVIRONMENT, IntBuffer.wrap(new int[] {LENGTH - 1, LENGTH - 1}), new long[] {BATCH}));
      inputs.put(
          "total_sequence_length",
          OnnxTensor.createTensor(ENVIRONMENT, IntBuffer.wrap(new int[] {LENGTH}), new long[0]));
      for (int layer = 0; layer < CONFIG.main().layers(); layer++) {
        for (String cache : new String[] {"past_key." + layer, "past_value." + layer}) {
          inputs.put(
              cache, values(dtype, new float[NOWHERE * DIM], BATCH, heads, LENGTH, DIM / heads));
        }
      }
      try (OrtSession.Result result = session.run(inputs, Set.of("logits"))) {
        FloatBuffer logits = ((OnnxTensor) result.get(0)).getFloatBuffer();
        float[] floats = new float[logits.remaining()];
        logits.get(floats);
        return floats;
      }
    } finally {
      inputs.values().forEach(OnnxTensor::close);
    }
  }

  /** Each token's own embedding, and at some positions the rows, which follow those. */
  private static IntStream embeddings(int[] positions) {
    int[] indices = IntStream.range(0, NOWHERE).toArray();
    for (int row = 0; row < positions.length; row++) {
      if (positions[row] != NOWHERE) {
        indices[positions[row]] = NOWHERE + row;
      }
    }
    return IntStream.of(indices);
  }

  private static OnnxTensor longs(IntStream values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(
        ENVIRONMENT, LongBuffer.wrap(values.asLongStream().toArray()), shape);
  }

  private static OnnxTensor values(Dtype dtype, float[] values, long... shape) throws OrtException {
    RowCodec codec = new RowCodec(dtype, 1);
    ByteBuffer bytes =
        ByteBuffer.allocateDirect(values.length * codec.rowBytes()).order(ByteOrder.nativeOrder());
    for (int i = 0; i < values.length; i++) {
      codec.encode(values, i, bytes);
    }
    return OnnxTensor.createTensor(
        ENVIRONMENT,
        bytes.flip(),
        shape,
        switch (dtype) {
          case F32 -> OnnxJavaType.FLOAT;
          case F16 -> OnnxJavaType.FLOAT16;
          default -> OnnxJavaType.BFLOAT16;
        });
  }
}
