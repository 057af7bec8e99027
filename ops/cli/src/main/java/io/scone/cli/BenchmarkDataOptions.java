package io.scone.cli;

import io.scone.bench.BenchmarkData;
import io.scone.bench.DataConfig;
import io.scone.progress.Progress;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of what a benchmark works on; a mixin. */
final class BenchmarkDataOptions {
  private static final double NANOS = 1e9;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "benchmark",
      description = "Where tokens, f-grams and tables are prepared; later runs find them there.")
  private Path directory;

  @Option(
      names = "--corpus",
      arity = "1..*",
      split = ",",
      paramLabel = "PATH",
      description =
          "Text to prepare it from, or one .tokens file of GPT-2 tokens; the documents asked for"
              + " are not among those mined. Not needed once it is prepared.")
  private List<Path> corpus = List.of();

  @Option(
      names = "--fgrams",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "The most f-grams to mine, each with its row.")
  private int fgrams;

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
      int threads = Runtime.getRuntime().availableProcessors();
      config = new DataConfig(directory, corpus, fgrams, dim, dtype, threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
    return BenchmarkData.prepare(config, progress);
  }

  Path directory() {
    return directory;
  }

  /** Returns the whole command as it was typed. */
  String typed() {
    return typed(command);
  }

  /** Returns a whole command as it was typed. */
  static String typed(CommandSpec command) {
    CommandLine root = command.root().commandLine();
    return "scone " + String.join(" ", root.getParseResult().originalArgs());
  }

  /** Returns the length of time of an option that is given in seconds. */
  static Duration time(double seconds) {
    return Duration.ofNanos((long) (seconds * NANOS));
  }
}
