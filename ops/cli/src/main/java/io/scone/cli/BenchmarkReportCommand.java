package io.scone.cli;

import io.scone.bench.ServingReport;
import io.scone.bench.ServingResults;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code scone benchmark report}. */
@Command(name = "report", description = "Shows the results of an earlier benchmark as tables.")
final class BenchmarkReportCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Option(names = "--markdown", description = "Print Markdown, as in docs/benchmarks.md.")
  private boolean markdown;

  @Parameters(paramLabel = "FILE", description = "The results.json of `scone benchmark serving`.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    ServingResults results = ServingResults.read(file);
    if (markdown) {
      common.console().stream(new ServingReport(results).markdown());
    } else {
      print(results, common.console());
    }
    return CommandLine.ExitCode.OK;
  }

  /** Prints results as tables, or as JSON. */
  static void print(ServingResults results, Console console) throws IOException {
    if (console.isJson()) {
      console.json(results.toJson());
      return;
    }
    for (ServingReport.Section section : new ServingReport(results).sections()) {
      console.table(section.columns(), section.rows());
      console.line("");
    }
  }
}
