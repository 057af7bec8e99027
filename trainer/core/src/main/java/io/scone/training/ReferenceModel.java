package io.scone.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * A checkpoint's models as trained, run by PyTorch on the CPU in float32: what every other way of
 * running them must agree with.
 *
 * <p>For one thread at a time.
 */
public final class ReferenceModel implements AutoCloseable {
  private final ModelConfig config;
  private final Weights weights;
  private final SconeModel model;

  private ReferenceModel(ModelConfig config, Weights weights) {
    this.config = config;
    this.weights = weights;
    this.model = new SconeModel(config, weights);
  }

  /**
   * Loads a checkpoint directory.
   *
   * @throws IOException if it is not a complete checkpoint
   */
  public static ReferenceModel load(Path checkpoint) throws IOException {
    Torch.load(0);
    ModelConfig config = ModelConfig.read(checkpoint);
    return new ReferenceModel(config, Weights.read(checkpoint, config, DeviceType.CPU));
  }

  /** Returns the models' shapes. */
  public ModelConfig config() {
    return config;
  }

  /**
   * Computes the rows of f-grams with the f-gram model.
   *
   * @param fgrams each of 2 to K tokens in reading order
   * @return the rows in the order of the f-grams, {@code dim} values each
   */
  public float[] rows(int[][] fgrams) {
    int dim = config.main().dim();
    float[] rows = new float[fgrams.length * dim];
    for (int n = 2; n <= config.fgram().maxNgram(); n++) {
      int length = n;
      int[] ofLength =
          IntStream.range(0, fgrams.length).filter(i -> fgrams[i].length == length).toArray();
      if (ofLength.length > 0) {
        int[][] pack = Arrays.stream(ofLength).mapToObj(i -> fgrams[i]).toArray(int[][]::new);
        float[] packRows = rowsOfOneLength(pack);
        for (int i = 0; i < ofLength.length; i++) {
          System.arraycopy(packRows, i * dim, rows, ofLength[i] * dim, dim);
        }
      }
    }
    return rows;
  }

  /**
   * Computes the logits after every token of sequences of one length.
   *
   * @param tokens B sequences of S tokens
   * @param fgramPositions distinct flat indices into B*S, whose input embeddings are replaced
   * @param fgramRows their new input embeddings, {@code dim} values each
   * @return the logits, [B, S, vocabulary size]
   */
  public float[] logits(int[][] tokens, int[] fgramPositions, float[] fgramRows) {
    return inference(
        () -> {
          Tensor e = model.tokenEmbeddings(flatten(tokens)); // [B*S, D]
          if (fgramPositions.length > 0) {
            long[] positions = Arrays.stream(fgramPositions).asLongStream().toArray();
            Tensor rows = AbstractTensor.create(fgramRows, positions.length, config.main().dim());
            e = e.index_copy(0, Torch.longs(DeviceType.CPU, positions), rows);
          }
          return Torch.floats(model.logits(e, new Pack(tokens.length, tokens[0].length)));
        });
  }

  /** Frees the weights. */
  @Override
  public void close() {
    weights.close();
  }

  private float[] rowsOfOneLength(int[][] fgrams) {
    List<Pack> packs = List.of(new Pack(fgrams.length, fgrams[0].length));
    long[] tokens = flatten(fgrams);
    return inference(
        () -> Torch.floats(model.fgramRows(model.tokenEmbeddings(tokens), tokens, packs)));
  }

  private static float[] inference(Supplier<float[]> computation) {
    return Torch.scoped(() -> Torch.withoutGradients(computation));
  }

  private static long[] flatten(int[][] tokens) {
    return Arrays.stream(tokens).flatMapToInt(Arrays::stream).asLongStream().toArray();
  }
}
