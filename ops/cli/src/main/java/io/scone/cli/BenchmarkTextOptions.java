package io.scone.cli;

import io.scone.bench.Daemon;
import io.scone.bench.DataConfig;
import io.scone.row.Dtype;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The options of the text and the f-grams that a benchmark works on; a mixin. */
final class BenchmarkTextOptions {
  private static final double NANOS = 1e9;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "benchmark",
      description =
          "Where tokens, f-grams, tables and models are prepared; later runs find them there.")
  private Path directory;

  @Option(
      names = "--corpus",
      arity = "1..*",
      split = ",",
      paramLabel = "PATH",
      showDefaultValue = Visibility.NEVER,
      description =
          "Text to prepare it from, or a .tokens file of GPT-2 tokens; the documents asked for"
              + " are not among those mined. Not needed once it is prepared.")
  private List<Path> corpus = List.of();

  @Option(
      names = "--fgrams",
      paramLabel = "N",
      defaultValue = "1000000",
      description = "The most f-grams to mine, each with its row.")
  private int fgrams;

  Path directory() {
    return directory;
  }

  /**
   * Returns what the benchmark works on.
   *
   * @param dim values in a row
   * @throws IllegalArgumentException if there can be no such rows or f-grams
   */
  DataConfig config(int dim, Dtype dtype) {
    int threads = Runtime.getRuntime().availableProcessors();
    return new DataConfig(directory, corpus, fgrams, dim, dtype, threads);
  }

  /** Returns what starts cache servers, whose log goes into the directory. */
  Daemon.Launcher launcher() {
    Path log = directory.resolve("cache-server.log");
    return (table, options) -> DaemonProcess.start(table, log, options);
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
