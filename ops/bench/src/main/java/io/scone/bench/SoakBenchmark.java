package io.scone.bench;

import io.scone.client.SconeClient;
import io.scone.client.TableAdmin;
import io.scone.manifest.TableManifest;
import io.scone.progress.Progress;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * A cache server under load for a while, as its table is exchanged for another version and back.
 *
 * <p>The two versions hold the same f-grams with other rows. Of every answer every row is checked:
 * that it is its f-gram's in the version that the answer names, and that no row is missing.
 */
public final class SoakBenchmark {
  private static final String TABLE = "default"; // the name that a server gives a table without one
  private static final Duration ADMIN_DEADLINE = Duration.ofMinutes(2);
  private static final int SAMPLES = 60;
  private static final long END_SECONDS = 180;
  private static final double NANOS = 1e9;
  private static final double NANOS_PER_MICRO = 1e3;

  private final BenchmarkData data;
  private final SoakConfig config;
  private final Path otherTable;
  private final Tally tally = new Tally();
  private final List<SoakResults.Sample> samples = new ArrayList<>();
  private final List<ProcessMemory> afterSwaps = new CopyOnWriteArrayList<>();
  private final Histogram allNanos = new Histogram(3);

  private SoakBenchmark(BenchmarkData data, SoakConfig config) {
    this.data = data;
    this.config = config;
    this.otherTable = data.path("table-2");
  }

  /**
   * Starts a server, puts it under load and stops it.
   *
   * @param command the command that runs it, for the results
   */
  public static SoakResults run(
      BenchmarkData data,
      SoakConfig config,
      Daemon.Launcher launcher,
      String command,
      Progress progress)
      throws IOException {
    SoakBenchmark soak = new SoakBenchmark(data, config);
    if (!Files.exists(soak.otherTable)) {
      data.buildTable(soak.otherTable, soak.otherPattern(), progress);
    }
    try (Daemon daemon = launcher.start(data.table(), config.serverOptions());
        SconePeer peer = new SconePeer(daemon.address());
        TableAdmin admin =
            SconeClient.builder(daemon.address()).deadline(ADMIN_DEADLINE).buildAdmin()) {
      soak.load(daemon, peer, admin, progress);
    }
    return soak.results(command);
  }

  private RowPattern otherPattern() {
    return new RowPattern(data.rowBytes(), 1);
  }

  private void load(Daemon daemon, SconePeer peer, TableAdmin admin, Progress progress)
      throws IOException {
    Map<String, RowPattern> patterns =
        Map.of(
            TableManifest.read(data.table()).contentFingerprint(), data.pattern(),
            TableManifest.read(otherTable).contentFingerprint(), otherPattern());
    Workload.Source source = Workload.TEXT.source(data);
    if (source.size() < config.batch()) {
      throw new IOException("the text to ask for is shorter than a batch; prepare more");
    }
    long begun = System.nanoTime();
    long until = begun + config.time().toNanos();
    CountDownLatch running = new CountDownLatch(config.inFlight());
    for (int i = 0; i < config.inFlight(); i++) {
      Cursor cursor =
          new Cursor(source, config.batch(), (long) i * source.size() / config.inFlight());
      Receiver receiver = new Receiver(data, patterns, true);
      new Thread(new SoakLane(peer.caller(), cursor, receiver, tally, until, running), "soak-lane")
          .start();
    }
    List<Path> tables = List.of(data.table(), otherTable);
    Runnable afterSwap = () -> afterSwaps.add(ProcessMemory.of(daemon.process(), begun));
    Thread swapper =
        new Thread(
            new Swapper(admin, TABLE, tables, config.swapEvery(), tally, afterSwap, until),
            "soak-swapper");
    swapper.start();
    sample(daemon.process(), begun, progress);
    awaitEnd(running, swapper);
  }

  private void sample(ProcessHandle server, long begun, Progress progress) throws IOException {
    progress.begin("soaking", SAMPLES, "samples");
    long interval = config.time().toNanos() / SAMPLES;
    long positionsBefore = 0;
    long swapsBefore = 0;
    long sampledBefore = begun;
    for (int i = 1; i <= SAMPLES; i++) {
      sleepUntil(begun + i * interval);
      long now = System.nanoTime();
      Histogram nanos = tally.nanos().getIntervalHistogram();
      allNanos.add(nanos);
      long positions = tally.positions();
      long swaps = tally.swaps();
      ProcessMemory memory = ProcessMemory.of(server, begun);
      samples.add(
          new SoakResults.Sample(
              (now - begun) / NANOS,
              (positions - positionsBefore) * NANOS / (now - sampledBefore),
              nanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
              nanos.getValueAtPercentile(99) / NANOS_PER_MICRO,
              nanos.getMaxValue() / NANOS_PER_MICRO,
              memory.resident(),
              memory.anonymous(),
              swaps - swapsBefore));
      positionsBefore = positions;
      swapsBefore = swaps;
      sampledBefore = now;
      progress.advance(1);
      progress.note("%d wrong, %d errors".formatted(tally.wrongAnswers(), tally.errors()));
    }
    progress.end();
  }

  private SoakResults results(String command) throws IOException {
    double seconds = samples.get(samples.size() - 1).seconds();
    return new SoakResults(
        Machine.current(),
        command,
        seconds / 60,
        config.batch(),
        config.inFlight(),
        tally.swaps(),
        tally.calls(),
        tally.rows(),
        tally.wrongAnswers(),
        tally.errors(),
        tally.firstFailure(),
        samples.stream().mapToDouble(s -> s.positionsPerSecond()).average().orElseThrow(),
        allNanos.getValueAtPercentile(50) / NANOS_PER_MICRO,
        allNanos.getValueAtPercentile(99) / NANOS_PER_MICRO,
        allNanos.getMaxValue() / NANOS_PER_MICRO,
        Trend.of(afterSwaps, ProcessMemory::resident),
        Trend.of(afterSwaps, ProcessMemory::anonymous),
        samples.stream().mapToDouble(s -> s.residentMib()).max().orElseThrow(),
        samples);
  }

  private static void sleepUntil(long nanoTime) throws IOException {
    try {
      TimeUnit.NANOSECONDS.sleep(nanoTime - System.nanoTime());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static void awaitEnd(CountDownLatch running, Thread swapper) throws IOException {
    try {
      if (!running.await(END_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException("the cache server did not answer for " + END_SECONDS + " s");
      }
      swapper.join(TimeUnit.SECONDS.toMillis(END_SECONDS));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }
}
