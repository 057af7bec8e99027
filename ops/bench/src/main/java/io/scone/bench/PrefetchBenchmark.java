package io.scone.bench;

import io.scone.client.SconeClient;
import io.scone.client.StepMatcher;
import io.scone.client.StepMatches;
import io.scone.client.TokenWindows;
import io.scone.progress.Progress;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;

/**
 * Decoding without a model: real text is read a token a step, as if the model had chosen its
 * tokens, by a client whose server runs on this machine.
 */
public final class PrefetchBenchmark {
  private static final long MAX_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final BenchmarkData data;
  private final PrefetchConfig config;
  private final Daemon daemon;

  private PrefetchBenchmark(BenchmarkData data, PrefetchConfig config, Daemon daemon) {
    this.data = data;
    this.config = config;
    this.daemon = daemon;
  }

  /**
   * Measures every setting once.
   *
   * @throws IOException if the server does not start
   */
  public static List<PrefetchResult> run(
      BenchmarkData data, PrefetchConfig config, Daemon.Launcher launcher, Progress progress)
      throws IOException {
    if ((long) config.sequences() * 4 > data.text().length) {
      throw new IOException("the text is too short for " + config.sequences() + " sequences");
    }
    List<PrefetchResult> results = new ArrayList<>();
    try (Daemon daemon = launcher.start(data.table(), List.of("--residency", "ram"))) {
      PrefetchBenchmark benchmark = new PrefetchBenchmark(data, config, daemon);
      benchmark.warmUp();
      int settings = config.ahead().size() * config.cacheBytes().size();
      progress.begin("fetching ahead", settings, "settings");
      for (long cacheBytes : config.cacheBytes()) {
        for (int ahead : config.ahead()) {
          results.add(benchmark.measure(ahead, cacheBytes));
          progress.advance(1);
        }
      }
      progress.end();
    }
    return results;
  }

  /** Steps as fast as they go, until the code is compiled and the server has sorted its f-grams. */
  private void warmUp() {
    long until = System.nanoTime() + config.warmUp().toNanos();
    try (SconeClient client = SconeClient.builder(daemon.address()).rowCache(1 << 20).build()) {
      Run run = new Run(client, 16);
      while (System.nanoTime() < until) {
        run.step();
      }
    }
  }

  private PrefetchResult measure(int ahead, long cacheBytes) throws IOException {
    try (SconeClient client = SconeClient.builder(daemon.address()).rowCache(cacheBytes).build()) {
      Run before = new Run(client, ahead);
      before.steps(config);
      CacheFill.await(() -> client.statistics().cacheBytes());
      long received = client.statistics().bytesReceived();
      Duration cpu = cpu();
      Run run = new Run(before);
      run.steps(config);
      double tokens = (double) config.steps() * config.sequences();
      return new PrefetchResult(
          ahead,
          cacheBytes,
          run.prefetched / tokens,
          run.cached / tokens,
          run.awaited / tokens,
          (double) run.waits.getTotalCount() / config.steps(),
          run.waits.getValueAtPercentile(50) / 1e3,
          run.others.getValueAtPercentile(50) / 1e3,
          (double) (client.statistics().bytesReceived() - received) / config.steps(),
          cpu().minus(cpu).toNanos() / 1e3 / config.steps());
    }
  }

  private Duration cpu() {
    return daemon.process().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** Some steps of one client; each sequence reads the text from another place. */
  private final class Run {
    private final StepMatcher matcher;
    private final Histogram waits = new Histogram(MAX_NANOS, 3);
    private final Histogram others = new Histogram(MAX_NANOS, 3);
    private long next;
    private long prefetched;
    private long cached;
    private long awaited;

    Run(SconeClient client, int ahead) {
      this.matcher = client.stepMatcher(ahead);
      this.next = data.index().maxNgram();
    }

    /** Goes on where another run ended. */
    Run(Run other) {
      this.matcher = other.matcher;
      this.next = other.next;
    }

    void steps(PrefetchConfig config) {
      for (int i = 0; i < config.steps(); i++) {
        step();
        compute();
      }
    }

    /** Keeps the processor as busy as a thread that waits for a GPU does. */
    private void compute() {
      long until = System.nanoTime() + config.compute().toNanos();
      while (System.nanoTime() < until) {
        Thread.onSpinWait();
      }
    }

    void step() {
      int[] text = data.text();
      int length = data.index().maxNgram();
      TokenWindows windows = new TokenWindows();
      for (int i = 0; i < config.sequences(); i++) {
        long place = next + (long) i * text.length / config.sequences();
        int first = (int) (place % (text.length - length));
        windows.add(text, first, length, length - 1);
      }
      next++;
      long begin = System.nanoTime();
      StepMatches found = matcher.step(windows, true);
      long nanos = Math.min(MAX_NANOS, System.nanoTime() - begin);
      matcher.fetchAhead();
      (found.waited().isZero() ? others : waits).recordValue(nanos);
      prefetched += found.prefetched();
      cached += found.cached();
      awaited += found.awaited();
    }
  }
}
