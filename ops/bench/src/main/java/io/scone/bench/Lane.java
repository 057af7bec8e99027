package io.scone.bench;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/**
 * One call in flight: as soon as a caller's answer is there, its next question is asked, until the
 * time is over.
 *
 * <p>Where the caller answers on threads of its own, so does the lane go on there, and no thread
 * waits.
 */
final class Lane implements Runnable {
  private static final int HISTOGRAM_DIGITS = 3;

  private final Caller caller;
  private final Cursor cursor;
  private final Receiver receiver;
  private final long from;
  private final long until;
  private final CountDownLatch running;
  private final AtomicReference<Throwable> failure;
  private final Histogram nanos = new Histogram(HISTOGRAM_DIGITS);
  private long positions;
  private long rows;

  /**
   * Makes a lane.
   *
   * @param cursor what it asks
   * @param from when calls begin to count, in the time of {@link System#nanoTime()}
   * @param until when the last one counts
   * @param running is counted down when the lane has ended
   * @param failure takes the failure that ends all lanes
   */
  Lane(
      Caller caller,
      Cursor cursor,
      Receiver receiver,
      long from,
      long until,
      CountDownLatch running,
      AtomicReference<Throwable> failure) {
    this.caller = caller;
    this.cursor = cursor;
    this.receiver = receiver;
    this.from = from;
    this.until = until;
    this.running = running;
    this.failure = failure;
  }

  @Override
  public void run() {
    try {
      while (System.nanoTime() < until && failure.get() == null) {
        Query query = cursor.next();
        receiver.begin(query);
        long begun = System.nanoTime();
        CompletableFuture<Void> answer = query.ask(caller, receiver);
        if (!answer.isDone()) {
          var unused = answer.whenComplete((done, failed) -> resume(query, begun, failed));
          return;
        }
        answer.join();
        count(query, begun);
      }
    } catch (CompletionException e) {
      failure.compareAndSet(null, e.getCause());
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
    running.countDown();
  }

  /** Returns the latencies of the calls that count, in nanoseconds. */
  Histogram nanos() {
    return nanos;
  }

  /** Returns the positions of the calls that count. */
  long positions() {
    return positions;
  }

  /** Returns the rows of the calls that count. */
  long rows() {
    return rows;
  }

  private void resume(Query query, long begun, Throwable failed) {
    if (failed != null) {
      failure.compareAndSet(
          null, failed instanceof CompletionException ? failed.getCause() : failed);
      running.countDown();
      return;
    }
    try {
      count(query, begun);
    } catch (RuntimeException e) {
      failure.compareAndSet(null, e);
    }
    run();
  }

  private void count(Query query, long begun) {
    int received = receiver.end();
    long ended = System.nanoTime();
    if (ended >= from && ended <= until) {
      nanos.recordValue(ended - begun);
      positions += query.positions();
      rows += received;
    }
  }
}
