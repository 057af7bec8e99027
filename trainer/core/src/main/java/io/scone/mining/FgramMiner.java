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
 * <p>Pass n counts the n-grams whose prefix and suffix of n-1 tokens both reached the floor: the
 * least count and, where asked for, the least number of documents. Those of all lengths that reach
 * it are ranked by count; of equal counts the shorter comes first, then key order. Since neither
 * number ever rises when an n-gram grows, the f-grams are closed under prefixes and suffixes. No
 * n-gram holds the end-of-text token or crosses it. The result depends on nothing but the corpus,
 * K, the number wanted and the floor.
 */
public final class FgramMiner {
  /*
   * An n-gram is counted as one 64-bit key: the ordinal of its suffix among the frequent
   * (n-1)-grams, then its first token. Sorted by it the n-grams of a length stand in the order of
   * their FgramKeys, so each length becomes a level of a trie as it comes out of counting, and a
   * walk of the trie yields all f-grams in key order.
   *
   * Half of the memory is the table that counts, one for all lengths so that no garbage is left;
   * the levels take at most the other half. What is merged goes back into the table, as a list, so
   * that a level is built at its size.
   *
   * To count n-grams a pass must know which frequent (n-1)-gram ends at each token. It finds that
   * from the (n-2)-gram there, which the pass before has left in a file, by one look into the trie.
   */

  /** The share of the memory that is buffers while runs are merged, beside the rest. */
  private static final int MERGING_SHARE = 32;

  private final TokenCorpus corpus;
  private final MiningOptions options;
  private final Path output;
  private final Progress progress;
  private final List<Level> levels = new ArrayList<>();
  private final List<Long> counted = new ArrayList<>();
  private final CountTable table;
  private long temporaryBytes;

  private FgramMiner(TokenCorpus corpus, MiningOptions options, Path output, Progress progress) {
    this.corpus = corpus;
    this.options = options;
    this.output = output;
    this.progress = progress;
    long slots = options.memoryBytes() / 2 / CountTable.slotBytes(options.countsDocuments());
    this.table =
        new CountTable(Math.min(slots, corpus.tokenCount() * 2 + 1024), options.countsDocuments());
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
    try (OrdinalFile ordinals = new OrdinalFile(temporary(".ordinals"), options.maxNgram())) {
      for (int n = 2; n <= options.maxNgram(); n++) {
        levels.add(count(n, ordinals));
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

  private Path temporary(String suffix) {
    return output.resolveSibling(output.getFileName() + suffix);
  }

  /** Returns the n-grams of n tokens that reach the floor. */
  private Level count(int n, OrdinalFile ordinals) throws IOException {
    int suffixes = n == 2 ? corpus.vocabularySize() : levels.get(n - 3).size();
    int frequent = suffixes == 0 ? none() : countInto(n, ordinals);
    if (bytes() + Level.bytes(suffixes, frequent) > options.memoryBytes() / 2) {
      throw tooLittleMemory(n);
    }
    return Level.of(suffixes, table, frequent);
  }

  private int none() {
    counted.add(0L);
    return 0;
  }

  /**
   * Makes the table the list of the n-grams that reach the floor. What does not fit while they are
   * counted becomes sorted runs, and then all of it does.
   *
   * @return the length of the list
   */
  private int countInto(int n, OrdinalFile ordinals) throws IOException {
    try (RunFile runs = new RunFile(temporary(".runs"), options.countsDocuments())) {
      progress.begin("counting " + n + "-grams", corpus.tokenCount(), "tokens");
      table.clear();
      NgramCounter counter =
          new NgramCounter(
              corpus, List.copyOf(levels), ordinals, table, options.threads(), progress);
      int keys = counter.count();
      if (counter.isDone()) {
        counted.add((long) keys);
        int frequent = table.toSortedList(options.minCount(), options.minDocuments());
        progress.end();
        temporaryBytes = Math.max(temporaryBytes, ordinals.bytes());
        return frequent;
      }
      runs.add(table, table.toSortedList(1, 1));
      while (!counter.isDone()) {
        table.clear();
        counter.count();
        runs.add(table, table.toSortedList(1, 1));
      }
      progress.end();
      temporaryBytes = Math.max(temporaryBytes, ordinals.bytes() + runs.bytes());
      return merge(runs, n);
    }
  }

  private int merge(RunFile runs, int n) throws IOException {
    progress.begin("merging " + n + "-grams", runs.bytes(), "bytes");
    long[] distinct = new long[1];
    int[] frequent = new int[1];
    runs.merge(
        options.memoryBytes() / MERGING_SHARE,
        progress,
        (key, count, documents) -> {
          distinct[0]++;
          if (count >= options.minCount()
              && (!options.countsDocuments() || documents >= options.minDocuments())) {
            if (frequent[0] == table.listCapacity()) {
              throw tooLittleMemory(n);
            }
            table.set(frequent[0]++, key, count);
          }
        });
    progress.end();
    counted.add(distinct[0]);
    return frequent[0];
  }

  private MiningException tooLittleMemory(int n) {
    return new MiningException(
        ("the n-grams of up to %d tokens that occur at least %d times take more than half of the"
                + " memory of %,d MiB: give more memory or a higher least count")
            .formatted(n, options.minCount(), options.memoryBytes() >> 20));
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
    return new MiningReport(lengths, ranking.leastCount(), temporaryBytes);
  }
}
