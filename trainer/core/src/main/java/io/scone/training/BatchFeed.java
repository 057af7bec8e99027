package io.scone.training;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The batches of a training run in order, prepared by a thread of its own ahead of their use. */
final class BatchFeed implements AutoCloseable {
  private static final int AHEAD = 3;

  private final Windows windows;
  private final WindowOrder order;
  private final MatchDropout dropout;
  private final Share share;
  private final ExecutorService executor;
  private final Queue<Future<TrainingBatch>> prepared = new ArrayDeque<>();
  private long number;

  /**
   * Begins to prepare batches.
   *
   * @param share what of each this process takes
   * @param first the number of the first batch wanted, from 0
   */
  BatchFeed(Windows windows, WindowOrder order, MatchDropout dropout, Share share, long first) {
    this.windows = windows;
    this.order = order;
    this.dropout = dropout;
    this.share = share;
    this.number = first;
    this.executor =
        Executors.newSingleThreadExecutor(
            task -> {
              Thread thread = new Thread(task, "scone-batches");
              thread.setDaemon(true);
              return thread;
            });
    for (int i = 0; i < AHEAD; i++) {
      prepareNext();
    }
  }

  /** Returns the next batch. */
  TrainingBatch next() {
    Future<TrainingBatch> next = prepared.remove();
    prepareNext();
    try {
      return next.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause().getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while a batch was prepared", e);
    }
  }

  @Override
  public void close() {
    executor.shutdownNow();
  }

  private void prepareNext() {
    long wanted = number++;
    prepared.add(executor.submit(() -> prepare(wanted)));
  }

  private TrainingBatch prepare(long wanted) {
    long first = share.batch() * wanted;
    int[] numbers = new int[share.batch()];
    for (int i = 0; i < numbers.length; i++) {
      numbers[i] = order.window(first + i);
    }
    return windows.batch(numbers, share, dropout, first);
  }
}
