package io.scone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Measures Scone. */
@Command(
    name = "benchmark",
    description =
        "Measures the cache server beside other stores, generation with and without it, training,"
            + " mining.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      BenchmarkServingCommand.class,
      BenchmarkReportCommand.class,
      BenchmarkSoakCommand.class,
      BenchmarkGenerationCommand.class,
      BenchmarkPrefetchCommand.class,
      BenchmarkTrainingCommand.class,
      BenchmarkMiningCommand.class,
      BenchmarkMicroCommand.class
    })
final class BenchmarkCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }
}
