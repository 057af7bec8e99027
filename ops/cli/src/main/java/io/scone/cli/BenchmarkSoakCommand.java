package io.scone.cli;

import io.scone.bench.BenchmarkData;
import io.scone.bench.SoakBenchmark;
import io.scone.bench.SoakChart;
import io.scone.bench.SoakConfig;
import io.scone.bench.SoakResults;
import io.scone.bench.Trend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone benchmark soak}. */
@Command(
    name = "soak",
    description = {
      "Keeps a cache server under load while its table is exchanged for another version and back, and"
          + " checks every row of every answer.",
      "Fails if a call or a swap fails, or a row is wrong."
    })
final class BenchmarkSoakCommand implements Callable<Integer> {
  private static final double SECONDS_PER_MINUTE = 60;

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private BenchmarkDataOptions dataOptions;

  @Option(names = "--minutes", paramLabel = "M", defaultValue = "5", description = "How long.")
  private double minutes;

  @Option(
      names = "--swap-seconds",
      paramLabel = "S",
      defaultValue = "5",
      description = "The time from one swap to the next.")
  private double swapSeconds;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "256",
      description = "Positions of a call.")
  private int batch;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      defaultValue = "4",
      description = "Calls under way at any time.")
  private int inFlight;

  @Option(
      names = "--server-options",
      paramLabel = "OPTION",
      showDefaultValue = Visibility.NEVER,
      split = ",",
      description = "Further options of the cache server, such as --residency=ram.")
  private List<String> serverOptions = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where soak.json and soak.png go. Default: the directory of --dir.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    SoakConfig config = config();
    Path directory = out == null ? dataOptions.directory() : out;
    Path json = directory.resolve("soak.json");
    Outputs.prepare(json);
    BenchmarkData data = dataOptions.prepare(common.progress());
    SoakResults results =
        SoakBenchmark.run(
            data,
            config,
            dataOptions.launcher(),
            BenchmarkTextOptions.typed(spec),
            common.progress());
    results.write(json);
    SoakChart.write(results, directory.resolve("soak.png"));
    print(results);
    return results.passed() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private SoakConfig config() {
    try {
      return new SoakConfig(
          BenchmarkTextOptions.time(minutes * SECONDS_PER_MINUTE),
          BenchmarkTextOptions.time(swapSeconds),
          batch,
          inFlight,
          serverOptions);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void print(SoakResults results) {
    Console console = common.console();
    if (console.isJson()) {
      console.json(results.toJson());
      return;
    }
    Map<String, Object> shown = new LinkedHashMap<>();
    shown.put("minutes", results.minutes());
    shown.put("swaps", results.swaps());
    shown.put("calls", results.calls());
    shown.put("rows_checked", results.rows());
    shown.put("wrong_answers", results.wrongAnswers());
    shown.put("errors", results.errors());
    if (!results.firstFailure().isEmpty()) {
      shown.put("first_failure", results.firstFailure());
    }
    shown.put("positions_per_second", results.positionsPerSecond());
    shown.put("p50_us", results.p50Us());
    shown.put("p99_us", results.p99Us());
    shown.put("max_us", results.maxUs());
    shown.put("memory_after_swaps", show(results.resident()));
    shown.put("of_it_no_mapped_file", show(results.anonymous()));
    shown.put("peak_memory_mib", results.peakResidentMib());
    console.result(shown);
  }

  private static String show(Trend trend) {
    return String.format(
        Locale.ROOT,
        "%,.0f to %,.0f MiB after the warm-up, %+.2f MiB a minute",
        trend.minMib(),
        trend.maxMib(),
        trend.slopeMibPerMinute());
  }
}
