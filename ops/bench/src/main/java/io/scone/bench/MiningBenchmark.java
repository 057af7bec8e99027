package io.scone.bench;

import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Measures mining at several sizes of one corpus, each in a process of its own. */
public final class MiningBenchmark {
  private final MiningBenchmarkConfig config;
  private final Progress progress;

  private MiningBenchmark(MiningBenchmarkConfig config, Progress progress) {
    this.config = config;
    this.progress = progress;
  }

  /**
   * Makes a corpus of each size in turn and mines it; no corpus is left.
   *
   * @param corpus what the corpora are made of
   * @param command the command as it was typed
   */
  public static MiningResults run(
      TokenCorpus corpus, MiningBenchmarkConfig config, String command, Progress progress)
      throws IOException {
    Files.createDirectories(config.directory());
    MiningBenchmark benchmark = new MiningBenchmark(config, progress);
    List<MiningResults.Result> results = new ArrayList<>();
    for (long size : config.sizes()) {
      results.add(benchmark.measure(corpus, size));
    }
    return new MiningResults(
        Machine.current(),
        command,
        corpus.tokenCount(),
        config.options().memoryBytes(),
        config.options().threads(),
        results);
  }

  private MiningResults.Result measure(TokenCorpus corpus, long size) throws IOException {
    Path tokens = config.directory().resolve("mining.tokens");
    Path fgrams = config.directory().resolve("mining.bin");
    try {
      TiledCorpus.write(corpus, size, tokens, progress);
      return MiningProcess.measure(
          tokens, size, config.options(), fgrams, config.directory().resolve("mining.log"));
    } finally {
      Files.deleteIfExists(tokens);
      Files.deleteIfExists(fgrams);
    }
  }
}
