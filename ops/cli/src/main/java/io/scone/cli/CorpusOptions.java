package io.scone.cli;

import io.scone.corpus.Documents;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** The options of commands that read text; a mixin. */
final class CorpusOptions {
  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      split = ",",
      paramLabel = "PATH",
      description = {
        "Text to read. A .jsonl file holds one document a line, in the field \"text\", a .parquet file"
            + " one a row, in the column \"text\"; any other"
            + " file is one document. Files may be compressed, with .gz or .zst added to the name."
            + " A directory stands for all .txt, .jsonl and .parquet files below it."
      })
  private List<Path> paths;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      showDefaultValue = Visibility.NEVER,
      description = "Threads to work with. Default: one for each processor.")
  private int threads;

  List<Path> paths() {
    return paths;
  }

  Documents documents() throws IOException {
    return Documents.of(paths);
  }

  int threads() {
    return threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
  }
}
