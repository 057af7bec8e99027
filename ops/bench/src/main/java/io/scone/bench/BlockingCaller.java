package io.scone.bench;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** A caller that waits for its answers. */
abstract class BlockingCaller implements Caller {
  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  @Override
  public final CompletableFuture<Void> match(Query.Window window, Receiver receiver) {
    try {
      answer(window, receiver);
      return DONE;
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  @Override
  public final CompletableFuture<Void> lookup(List<int[]> fgrams, Receiver receiver) {
    try {
      answer(fgrams, receiver);
      return DONE;
    } catch (IOException e) {
      return CompletableFuture.failedFuture(e);
    }
  }

  abstract void answer(Query.Window window, Receiver receiver) throws IOException;

  abstract void answer(List<int[]> fgrams, Receiver receiver) throws IOException;

  @Override
  public void close() {}
}
