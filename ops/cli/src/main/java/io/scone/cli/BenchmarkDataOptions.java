package io.scone.cli;

import io.scone.bench.BenchmarkData;
import io.scone.bench.Daemon;
import io.scone.bench.DataConfig;
import io.scone.progress.Progress;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of what a benchmark works on; a mixin. */
final class BenchmarkDataOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Mixin private BenchmarkTextOptions text;

  @Option(names = "--dim", paramLabel = "D", defaultValue = "768", description = "Values in a row.")
  private int dim;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "f16",
      converter = DtypeConverter.class,
      description = "How values are stored: f32, f16, bf16, int8 or int4.")
  private Dtype dtype;

  /** Prepares what is missing. */
  BenchmarkData prepare(Progress progress) throws IOException {
    DataConfig config;
    try {
      config = text.config(dim, dtype);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    return BenchmarkData.prepare(config, progress);
  }

  Path directory() {
    return text.directory();
  }

  /** Returns what starts cache servers, whose log goes into the directory. */
  Daemon.Launcher launcher() {
    return text.launcher();
  }
}
