package io.scone.concurrent;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Threads that all do the same task, which shares the work among them. */
public final class Workers {
  private Workers() {}

  /**
   * Runs a task on each of several threads and waits for all.
   *
   * @return what the tasks returned, in no particular order
   * @throws IOException what a task threw; the other threads are then interrupted. Runtime
   *     exceptions and errors pass through too
   */
  public static <T> List<T> run(int threads, Callable<T> task) throws IOException {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try {
      CompletionService<T> completion = new ExecutorCompletionService<>(executor);
      for (int i = 0; i < threads; i++) {
        completion.submit(task);
      }
      List<T> results = new ArrayList<>(threads);
      for (int i = 0; i < threads; i++) {
        results.add(completion.take().get());
      }
      return results;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw rethrow(e.getCause());
    } finally {
      executor.shutdownNow();
    }
  }

  private static IOException rethrow(Throwable cause) {
    if (cause instanceof RuntimeException e) {
      throw e;
    }
    if (cause instanceof Error e) {
      throw e;
    }
    return cause instanceof IOException e ? e : new IOException(cause);
  }
}
