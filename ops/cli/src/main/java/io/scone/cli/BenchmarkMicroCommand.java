package io.scone.cli;

import io.scone.bench.micro.MicroBenchmarks;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scone benchmark micro}. */
@Command(
    name = "micro",
    description = {
      "Times single operations with JMH: keys, rows of each type, matching, reading a table.",
      "Names: KeyBenchmark, RowBenchmark, MatchBenchmark, StoreBenchmark."
    })
final class BenchmarkMicroCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("benchmark", "parameters", "ns", "error");

  @Mixin private CommonOptions common;
  @Mixin private BenchmarkDataOptions dataOptions;

  @Option(
      names = "--forks",
      paramLabel = "N",
      defaultValue = "1",
      description = "Virtual machines that time each.")
  private int forks;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1",
      description = "The time of an iteration; each is warmed up for 3 and timed for 5.")
  private double seconds;

  @Parameters(
      paramLabel = "PATTERN",
      arity = "0..1",
      showDefaultValue = Visibility.NEVER,
      description = "A regular expression of what to time. Default: all.")
  private String pattern = "";

  @Override
  public Integer call() throws IOException {
    dataOptions.prepare(common.progress());
    Console console = common.console();
    List<MicroBenchmarks.Timing> timings;
    try {
      timings =
          MicroBenchmarks.run(pattern, dataOptions.directory(), forks, seconds, console.isJson());
    } catch (RunnerException e) {
      throw new IOException(e.getMessage(), e);
    }
    console.table(
        COLUMNS,
        timings.stream()
            .map(t -> List.<Object>of(t.benchmark(), t.parameters(), t.nanos(), t.error()))
            .toList());
    return CommandLine.ExitCode.OK;
  }
}
