package io.scone.cli;

import io.scone.bench.BenchmarkData;
import io.scone.bench.ServingBenchmark;
import io.scone.bench.ServingChart;
import io.scone.bench.ServingConfig;
import io.scone.bench.ServingResults;
import io.scone.bench.Store;
import io.scone.bench.Workload;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone benchmark serving}. */
@Command(
    name = "serving",
    description = {
      "Measures the cache server beside Redis, LMDB, bare sockets and bare memory: the same rows, the"
          + " same questions, in turn.",
      "Redis is measured where redis-server is on the PATH. Every answer of the warm-up is checked"
          + " byte by byte, and a sample of those measured."
    })
final class BenchmarkServingCommand implements Callable<Integer> {

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private BenchmarkDataOptions dataOptions;

  @Option(
      names = "--systems",
      paramLabel = "NAME",
      split = ",",
      showDefaultValue = Visibility.NEVER,
      description = "What to measure: ${COMPLETION-CANDIDATES}. Default: all.")
  private List<Store> systems = List.of(Store.values());

  @Option(
      names = "--workloads",
      paramLabel = "NAME",
      split = ",",
      showDefaultValue = Visibility.NEVER,
      description = "What to ask: ${COMPLETION-CANDIDATES}. Default: all.")
  private List<Workload> workloads = List.of(Workload.values());

  @Option(
      names = "--batches",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,16,256,1024",
      description = "Positions or f-grams of a call.")
  private List<Integer> batches;

  @Option(
      names = "--in-flight",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,4",
      description = "Calls under way at any time.")
  private List<Integer> inFlight;

  @Option(
      names = "--seconds",
      paramLabel = "S",
      defaultValue = "1.5",
      description = "How long each system is measured in each cell of a round.")
  private double seconds;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often; medians are reported, and the least and the most.")
  private int rounds;

  @Option(
      names = "--warm-up-seconds",
      paramLabel = "S",
      defaultValue = "8",
      description = "How long each system is asked by each workload before.")
  private double warmUpSeconds;

  @Option(
      names = "--starts",
      paramLabel = "N",
      defaultValue = "3",
      description = "How often each cache server is started, to measure how long that takes.")
  private int starts;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      description = "Where results.json and results.png go. Default: the directory of --dir.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    ServingConfig config = config();
    Path directory = out == null ? dataOptions.directory() : out;
    Path json = directory.resolve("results.json");
    Outputs.prepare(json);
    BenchmarkData data = dataOptions.prepare(common.progress());
    ServingResults results =
        ServingBenchmark.run(
            data,
            config,
            dataOptions.launcher(),
            BenchmarkTextOptions.typed(spec),
            common.progress());
    results.write(json);
    ServingChart.write(results, directory.resolve("results.png"));
    BenchmarkReportCommand.print(results, common.console());
    return CommandLine.ExitCode.OK;
  }

  private ServingConfig config() {
    try {
      return new ServingConfig(
          systems,
          workloads,
          batches,
          inFlight,
          BenchmarkTextOptions.time(seconds),
          rounds,
          BenchmarkTextOptions.time(warmUpSeconds),
          starts);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }
}
