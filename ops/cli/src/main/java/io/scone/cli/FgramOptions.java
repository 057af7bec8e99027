package io.scone.cli;

import io.scone.mining.MiningOptions;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The options of commands that mine f-grams; a mixin. */
final class FgramOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(
      names = "--max-ngram",
      paramLabel = "K",
      defaultValue = "5",
      description = "The most tokens in an f-gram.")
  private int maxNgram;

  @Option(
      names = "--size",
      paramLabel = "S",
      defaultValue = "1000000",
      description = "The most f-grams to keep.")
  private int size;

  @Option(
      names = "--min-count",
      paramLabel = "COUNT",
      defaultValue = "5",
      description = "Drop n-grams that occur less often.")
  private long minCount;

  @Option(
      names = "--min-documents",
      paramLabel = "D",
      defaultValue = "1",
      description = "Drop n-grams that occur in fewer documents, however often.")
  private int minDocuments;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description =
          "Memory to count in; what does not fit goes through temporary files beside the f-grams."
              + " Default: 2GiB, or half of the Java heap where that is less.")
  private MemorySize memory;

  /**
   * Returns what to mine.
   *
   * @throws ParameterException if it cannot be
   */
  MiningOptions mining(int threads) {
    long bytes = memory == null ? MiningOptions.defaultMemoryBytes() : memory.bytes();
    try {
      return new MiningOptions(maxNgram, size, minCount, minDocuments, bytes, threads);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), e.getMessage(), e);
    }
  }
}
