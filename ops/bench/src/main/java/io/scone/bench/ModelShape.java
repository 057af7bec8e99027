package io.scone.bench;

import io.scone.training.ModelConfig;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The shape of a main model whose speed is measured.
 *
 * @param dim width of embeddings and residual stream
 * @param layers transformer blocks
 * @param heads attention heads
 */
public record ModelShape(int dim, int layers, int heads) {
  private static final Map<String, ModelShape> NAMED =
      Map.of(
          "gpt2-small", new ModelShape(768, 12, 12),
          "1.3b", new ModelShape(2048, 24, 16));

  private static final Pattern NUMBERS = Pattern.compile("(\\d{1,5})x(\\d{1,3})x(\\d{1,3})");

  /** The f-gram model is not measured here: the smallest. */
  private static final int FGRAM_LAYERS = 1;

  /**
   * Returns the shape of that name, gpt2-small or 1.3b, or of those numbers, as 768x12x12: width,
   * layers, heads.
   *
   * @throws IllegalArgumentException if it is neither
   */
  public static ModelShape of(String name) {
    Matcher numbers = NUMBERS.matcher(name);
    if (numbers.matches()) {
      return new ModelShape(
          Integer.parseInt(numbers.group(1)),
          Integer.parseInt(numbers.group(2)),
          Integer.parseInt(numbers.group(3)));
    }
    ModelShape shape = NAMED.get(name);
    if (shape == null) {
      throw new IllegalArgumentException(
          "no shape '"
              + name
              + "'; there are gpt2-small, 1.3b and WIDTHxLAYERSxHEADS, as 768x12x12");
    }
    return shape;
  }

  /** Returns the configuration of models of this shape. */
  ModelConfig config(int vocabularySize, int context, int maxNgram) {
    return new ModelConfig(
        new ModelConfig.Main(vocabularySize, context, dim, layers, heads),
        new ModelConfig.Fgram(maxNgram, FGRAM_LAYERS, heads));
  }

  /** Returns the numbers: width, layers, heads. */
  @Override
  public String toString() {
    return dim + "x" + layers + "x" + heads;
  }
}
