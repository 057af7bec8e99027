package io.scone.cli;

import io.scone.bench.BenchmarkData;
import io.scone.bench.PrefetchBenchmark;
import io.scone.bench.PrefetchConfig;
import io.scone.bench.PrefetchResult;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone benchmark prefetch}. */
@Command(
    name = "prefetch",
    description =
        "Measures how often a step of decoding waits for the cache server: real text, a token a step.")
final class BenchmarkPrefetchCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "ahead",
          "row_cache_bytes",
          "prefetched",
          "cached",
          "awaited",
          "steps_waited",
          "waiting_p50_us",
          "other_p50_us",
          "bytes_per_step",
          "server_cpu_us_per_step");

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private BenchmarkDataOptions dataOptions;

  @Option(
      names = "--ahead",
      paramLabel = "N",
      split = ",",
      defaultValue = "0,8,16,32,64,128",
      description = "Of how many likely tokens to fetch the rows ahead.")
  private List<Integer> ahead;

  @Option(
      names = "--row-caches",
      paramLabel = "SIZE",
      split = ",",
      defaultValue = "0,64MiB,256MiB",
      description = "Sizes of the client's row cache.")
  private List<MemorySize> rowCaches;

  @Option(
      names = "--sequences",
      paramLabel = "N",
      defaultValue = "1",
      description = "Sequences that take a token in each step.")
  private int sequences;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "2000",
      description = "Steps measured of each setting, after as many that are not.")
  private int steps;

  @Option(
      names = "--compute-seconds",
      paramLabel = "S",
      defaultValue = "0.001",
      description = "How long a step computes.")
  private double computeSeconds;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "How long steps are made before.")
  private double warmUpSeconds;

  @Override
  public Integer call() throws IOException {
    PrefetchConfig config = config();
    BenchmarkData data = dataOptions.prepare(common.progress());
    List<PrefetchResult> results =
        PrefetchBenchmark.run(data, config, dataOptions.launcher(), common.progress());
    common.console().table(COLUMNS, results.stream().map(BenchmarkPrefetchCommand::row).toList());
    return CommandLine.ExitCode.OK;
  }

  private PrefetchConfig config() {
    try {
      return new PrefetchConfig(
          ahead,
          rowCaches.stream().map(MemorySize::bytes).toList(),
          sequences,
          steps,
          BenchmarkTextOptions.time(computeSeconds),
          BenchmarkTextOptions.time(warmUpSeconds));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static List<Object> row(PrefetchResult result) {
    return List.of(
        result.ahead(),
        result.cacheBytes(),
        result.prefetched(),
        result.cached(),
        result.awaited(),
        result.stepsWaited(),
        result.waitMicros(),
        result.otherMicros(),
        result.receivedBytes(),
        result.serverCpuMicros());
  }
}
