package io.scone.inference;

import java.util.List;

/** Where the embeddings of f-grams come from. Not safe for use by more than one thread. */
public interface RowSource extends AutoCloseable {
  /**
   * Returns how many tokens before a new one an f-gram may reach, K - 1: what a window should hold
   * as context where the sequence has as many.
   */
  int context();

  /** Finds the longest f-gram that ends at each new token of some windows, and its row. */
  FgramRows find(List<TokenWindow> windows);

  /** Releases what the source holds. */
  @Override
  void close();

  /** Returns a source without any f-gram: the model with its table off. */
  static RowSource none() {
    return NoRows.INSTANCE;
  }
}
