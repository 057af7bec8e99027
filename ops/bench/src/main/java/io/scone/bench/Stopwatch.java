package io.scone.bench;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.HdrHistogram.Histogram;

/** Runs a store's callers for a while and measures what they do. */
final class Stopwatch {
  /** The share of a measurement that runs before it, uncounted: the caches of the one before go. */
  private static final int LEAD_IN_SHARE = 5;

  private static final long END_SECONDS = 60;

  private Stopwatch() {}

  /**
   * Measures one cell.
   *
   * @param callers one for each call in flight, at least
   * @param server whose processor time is measured
   * @throws IOException if a call failed
   * @throws WrongAnswerException if an answer was wrong
   */
  static Sample measure(
      List<Caller> callers,
      ProcessHandle server,
      Workload.Source source,
      Measurement measurement,
      BenchmarkData data)
      throws IOException {
    Cell cell = measurement.cell();
    Duration time = measurement.time();
    long from = System.nanoTime() + time.toNanos() / LEAD_IN_SHARE;
    long until = from + time.toNanos();
    CountDownLatch running = new CountDownLatch(cell.inFlight());
    AtomicReference<Throwable> failure = new AtomicReference<>();
    List<Lane> lanes = new ArrayList<>();
    for (int i = 0; i < cell.inFlight(); i++) {
      long start = measurement.shift() + (long) i * source.size() / cell.inFlight();
      lanes.add(
          new Lane(
              callers.get(i),
              new Cursor(source, cell.batch(), start),
              new Receiver(data, measurement.checkAll()),
              from,
              until,
              running,
              failure));
    }
    for (Lane lane : lanes) {
      new Thread(lane, "lane").start();
    }
    await(from, running);
    Duration cpuBefore = cpu(server);
    await(until, running);
    Duration cpu = cpu(server).minus(cpuBefore);
    awaitEnd(running);
    check(failure.get());
    Histogram nanos = lanes.get(0).nanos();
    lanes.subList(1, lanes.size()).forEach(lane -> nanos.add(lane.nanos()));
    return new Sample(
        lanes.stream().mapToLong(Lane::positions).sum(),
        lanes.stream().mapToLong(Lane::rows).sum(),
        time.toNanos() / 1e9,
        nanos,
        cpu.toNanos() / 1e9);
  }

  private static Duration cpu(ProcessHandle process) {
    return process.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Waits for a time, or until all lanes have ended before it, as they do when one fails. */
  private static void await(long nanoTime, CountDownLatch running) throws IOException {
    try {
      var unused = running.await(nanoTime - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static void awaitEnd(CountDownLatch running) throws IOException {
    await(System.nanoTime() + TimeUnit.SECONDS.toNanos(END_SECONDS), running);
    if (running.getCount() > 0) {
      throw new IOException("no answer for " + END_SECONDS + " s");
    }
  }

  private static void check(Throwable failure) throws IOException {
    if (failure instanceof WrongAnswerException wrong) {
      throw wrong;
    }
    if (failure != null) {
      throw new IOException(failure.getMessage(), failure);
    }
  }
}
