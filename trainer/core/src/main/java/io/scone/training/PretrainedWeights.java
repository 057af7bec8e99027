package io.scone.training;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A trained transformer that a model may start from, under the names that {@link WeightShapes}
 * gives a main model's weights.
 */
public interface PretrainedWeights {
  /**
   * The shape of a transformer.
   *
   * @param positions how many it has embeddings of: the most tokens it reads
   * @param dim width of its residual stream
   * @param layers transformer blocks
   * @param heads attention heads
   */
  record Shape(int positions, int dim, int layers, int heads) {
    @Override
    public String toString() {
      return String.format(
          "width (dim) %d, %d layers, %d heads and %d positions", dim, layers, heads, positions);
    }
  }

  /** Returns the transformer's shape. */
  Shape shape();

  /** Returns how rows are made of its output, if it was trained as an f-gram model. */
  default Optional<ModelConfig.Combine> combine() {
    return Optional.empty();
  }

  /** Returns the vectors of its memory, if it has one. */
  default OptionalInt memory() {
    return OptionalInt.empty();
  }

  /** Returns the weights' names. */
  Set<String> names();

  /**
   * Returns the extent of each dimension of a weight.
   *
   * @throws IOException if there is none of that name
   */
  List<Long> shape(String name) throws IOException;

  /**
   * Reads a weight, in row-major order.
   *
   * @throws IOException if there is none of that name, or it cannot be read
   */
  float[] values(String name) throws IOException;

  /** Returns what names all weights together. */
  String fingerprint() throws IOException;
}
