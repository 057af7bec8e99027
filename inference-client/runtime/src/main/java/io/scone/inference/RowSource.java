package io.scone.inference;

import java.util.List;
import java.util.function.Supplier;

/**
 * Where the embeddings of f-grams come from. For use by one thread, that of the model.
 *
 * <p>It knows sequences by their tokens alone: what is asked for in one call may be asked for in
 * another order, in part or not at all in the next, as sequences join a batch, leave it or fork.
 */
public interface RowSource extends AutoCloseable {
  /**
   * Returns how many tokens before a new one an f-gram may reach, K - 1: what a window should hold
   * as context where the sequence has as many.
   */
  int context();

  /**
   * Finds the longest f-gram that ends at each new token of some windows, and its row.
   *
   * @throws MissingRowsException if rows cannot be had
   */
  FgramRows find(List<TokenWindow> windows);

  /**
   * Does as {@link #find} for a step of decoding: one window for each sequence, whose one new token
   * was sampled, and after which another one will be. A source over a network answers from what it
   * fetched ahead where it can.
   *
   * @throws MissingRowsException if rows cannot be had; it says which sequences lack theirs, and a
   *     step of the others alone needs no network
   */
  default FgramRows step(List<TokenWindow> windows) {
    return find(windows);
  }

  /**
   * Begins to fetch what the step after the last one is likely to want. Called once the model
   * computes, so that nothing waits for it; a step whose call is left out may wait longer.
   */
  default void fetchAhead() {}

  /**
   * Begins to find the rows of a part of a prompt. {@link PromptChunks} reads whole prompts so.
   *
   * @param last whether the next token after this part will be sampled
   * @return what waits for the rows and returns them, at most once; it throws as {@link #find} does
   */
  default Supplier<FgramRows> begin(TokenWindow part, boolean last) {
    FgramRows found = find(List.of(part));
    return () -> found;
  }

  /** Returns what the source has done so far; any thread may ask. */
  default RowStatistics statistics() {
    return RowStatistics.NONE;
  }

  /** Releases what the source holds. */
  @Override
  void close();

  /** Returns a source without any f-gram: the model with its table off. */
  static RowSource none() {
    return NoRows.INSTANCE;
  }
}
