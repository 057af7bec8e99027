package io.scone.bench;

import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Recorder;

/** What a soak has seen so far, counted by many threads. */
final class Tally {
  private static final int HISTOGRAM_DIGITS = 3;

  private final Recorder nanos = new Recorder(HISTOGRAM_DIGITS);
  private final LongAdder calls = new LongAdder();
  private final LongAdder positions = new LongAdder();
  private final LongAdder rows = new LongAdder();
  private final LongAdder swaps = new LongAdder();
  private final LongAdder wrongAnswers = new LongAdder();
  private final LongAdder errors = new LongAdder();
  private final AtomicReference<String> firstFailure = new AtomicReference<>("");

  void answered(Query query, int rowsReceived, long nanosTaken) {
    nanos.recordValue(nanosTaken);
    calls.increment();
    positions.add(query.positions());
    rows.add(rowsReceived);
  }

  void swapped() {
    swaps.increment();
  }

  void failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    (cause instanceof WrongAnswerException ? wrongAnswers : errors).increment();
    firstFailure.compareAndSet("", cause.toString());
  }

  /** Returns the latencies in nanoseconds; its interval histogram begins anew each time. */
  Recorder nanos() {
    return nanos;
  }

  long calls() {
    return calls.sum();
  }

  long positions() {
    return positions.sum();
  }

  long rows() {
    return rows.sum();
  }

  long swaps() {
    return swaps.sum();
  }

  long wrongAnswers() {
    return wrongAnswers.sum();
  }

  long errors() {
    return errors.sum();
  }

  String firstFailure() {
    return firstFailure.get();
  }
}
