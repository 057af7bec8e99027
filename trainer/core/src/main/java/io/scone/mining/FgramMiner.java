package io.scone.mining;

import io.scone.corpus.CorpusException;
import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the f-grams of a corpus: the most frequent n-grams of 2 to K tokens.
 *
 * <p>Pass n counts the n-grams whose prefix and suffix of n-1 tokens both reached the floor. Those
 * of all lengths that reach it are ranked by count; of equal counts the shorter comes first, then
 * key order. Since a count never rises when an n-gram grows, the f-grams are closed under prefixes
 * and suffixes. No n-gram holds the end-of-text token or crosses it. The result depends on nothing
 * but the corpus, K, the number wanted and the floor.
 */
public final class FgramMiner {
  /*
   * An n-gram is counted as one 64-bit key: the ordinal of its suffix among the frequent
   * (n-1)-grams, then its first token. Sorted by it the n-grams of a length stand in the order of
   * their FgramKeys, so each length becomes a level of a trie as it comes out of counting, and a
   * walk of the trie yields all f-grams in key order.
   *
   * Of the memory, the levels take at most half; three quarters of what they leave is the counting
   * table, and the rest covers a level while it is built.
   */

  private final TokenCorpus corpus;
  private final MiningOptions options;
  private final Path output;
  private final Progress progress;
  private final List<Level> levels = new ArrayList<>();
  private final List<Long> counted = new ArrayList<>();
  private long temporaryBytes;

  private FgramMiner(TokenCorpus corpus, MiningOptions options, Path output, Progress progress) {
    this.corpus = corpus;
    this.options = options;
    this.output = output;
    this.progress = progress;
  }

  /**
   * Mines a corpus and writes its f-grams to a file, replacing one of that name.
   *
   * @throws CorpusException if the corpus is damaged
   * @throws MiningException if the memory does not suffice; no file is left
   */
  public static MiningReport mine(
      TokenCorpus corpus, MiningOptions options, Path output, Progress progress)
      throws IOException {
    return new FgramMiner(corpus.verify(), options, output, progress).mine();
  }

  private MiningReport mine() throws IOException {
    for (int n = 2; n <= options.maxNgram(); n++) {
      Level level = count(n);
      levels.add(level);
      if (bytes() > options.memoryBytes() / 2) {
        throw new MiningException(
            ("the n-grams of up to %d tokens that occur at least %d times take %,d MiB, more than"
                    + " half of the memory of %,d MiB: give more memory or a higher least count")
                .formatted(n, options.minCount(), bytes() >> 20, options.memoryBytes() >> 20));
      }
    }
    Ranking ranking = new Ranking(levels, options.size());
    try (FgramFileWriter writer =
        FgramFileWriter.create(
            output, corpus.vocabularySize(), options.maxNgram(), corpus.tokenizerFingerprint())) {
      progress.begin("writing", ranking.kept(), "f-grams");
      ranking.write(corpus.vocabularySize(), writer, progress);
      progress.end();
      writer.publish();
    }
    return report(ranking);
  }

  /** Returns the n-grams of n tokens that reach the floor. */
  private Level count(int n) throws IOException {
    int suffixes = n == 2 ? corpus.vocabularySize() : levels.get(n - 3).size();
    Level.Builder level = Level.builder(suffixes);
    if (suffixes == 0) {
      counted.add(0L);
      return level.build();
    }
    long tableBytes = (options.memoryBytes() - bytes()) / 4 * 3;
    progress.begin("counting " + n + "-grams", corpus.tokenCount(), "tokens");
    try (RunFile runs = new RunFile(output.resolveSibling(output.getFileName() + ".runs"))) {
      count(new CountTable(slots(tableBytes)), runs, level);
      progress.end();
      if (!runs.isEmpty()) {
        temporaryBytes = Math.max(temporaryBytes, runs.bytes());
        progress.begin("merging " + n + "-grams", runs.bytes(), "bytes");
        merge(runs, tableBytes, level);
        progress.end();
      }
    }
    return level.build();
  }

  /** Counts into memory; what does not fit becomes sorted runs, and then all of it does. */
  private void count(CountTable table, RunFile runs, Level.Builder level) throws IOException {
    NgramCounter counter =
        new NgramCounter(corpus, List.copyOf(levels), table, options.threads(), progress);
    int keys = counter.count();
    if (counter.isDone()) {
      counted.add((long) keys);
      int frequent = table.toSortedList(options.minCount());
      for (int i = 0; i < frequent; i++) {
        level.add(table.key(i), table.count(i));
      }
      return;
    }
    runs.add(table, table.toSortedList(1));
    while (!counter.isDone()) {
      table.clear();
      counter.count();
      runs.add(table, table.toSortedList(1));
    }
  }

  private void merge(RunFile runs, long memoryBytes, Level.Builder level) throws IOException {
    long[] distinct = new long[1];
    runs.merge(
        memoryBytes,
        progress,
        (key, count) -> {
          distinct[0]++;
          if (count >= options.minCount()) {
            level.add(key, count);
          }
        });
    counted.add(distinct[0]);
  }

  /** Returns the slots of a table in the memory given, or fewer where the corpus is small. */
  private long slots(long tableBytes) {
    return Math.min(tableBytes / CountTable.SLOT_BYTES, corpus.tokenCount() * 2 + 1024);
  }

  private long bytes() {
    return levels.stream().mapToLong(Level::bytes).sum();
  }

  private MiningReport report(Ranking ranking) {
    List<MiningReport.Length> lengths = new ArrayList<>();
    for (int i = 0; i < levels.size(); i++) {
      lengths.add(
          new MiningReport.Length(
              i + 2, counted.get(i), levels.get(i).size(), ranking.kept(i + 2)));
    }
    return new MiningReport(lengths, temporaryBytes);
  }
}
