package io.scone.export;

import java.io.IOException;
import java.util.List;

/** Where the weights of graphs come from, by their names in a checkpoint. */
interface WeightSource {
  /** A tensor's values, read one after another in row-major order. */
  @FunctionalInterface
  interface Values {
    /** Copies the next values into the beginning of an array. */
    void next(float[] into, int count) throws IOException;
  }

  /**
   * Opens a tensor.
   *
   * @throws IOException if there is none of that name and shape
   */
  Values open(String name, List<Long> shape) throws IOException;

  /** Returns what names all weights together: the fingerprint of the model. */
  String fingerprint() throws IOException;
}
