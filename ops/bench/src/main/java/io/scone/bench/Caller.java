package io.scone.bench;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * One caller of a store: it has at most one question under way.
 *
 * <p>Either it answers on the calling thread and returns a future that is done, or it answers on
 * threads of its own.
 */
interface Caller extends AutoCloseable {
  /** Shows the receiver the row of the longest f-gram at each position of a window that has one. */
  CompletableFuture<Void> match(Query.Window window, Receiver receiver);

  /** Shows the receiver the row of each f-gram. */
  CompletableFuture<Void> lookup(List<int[]> fgrams, Receiver receiver);

  @Override
  void close();
}
