package io.scone.mining;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class NgramCounterTest {
  @TempDir Path directory;

  private OrdinalFile ordinals;

  private record Counted(long occurrences, int documents) {}

  @BeforeEach
  void makeOrdinals() throws IOException {
    ordinals = new OrdinalFile(directory.resolve("ordinals"), 2);
  }

  @AfterEach
  void closeOrdinals() throws IOException {
    ordinals.close();
  }

  @Test
  void aDocumentIsCountedOnceHoweverBlocksAndRunsPartIt() throws IOException {
    Random random = new Random(5);
    int mostRuns = 0;
    for (int round = 0; round < 150; round++) {
      int vocabulary = 3 + random.nextInt(8);
      List<int[]> documents = documents(random, 1 + random.nextInt(12), vocabulary);
      TokenCorpus corpus =
          CorpusFile.write(directory.resolve("corpus.tokens"), documents, vocabulary);
      // Few slots: blocks of one token and more, and runs of some dozen tokens.
      CountTable table = new CountTable(6 + random.nextInt(200), true);
      SortedMap<Long, Counted> counted = new TreeMap<>();
      try (RunFile runs = new RunFile(directory.resolve("runs"), true)) {
        NgramCounter counter = counter(corpus, table, 1 + random.nextInt(4));
        int written = 0;
        for (; !counter.isDone(); written++) {
          table.clear();
          counter.count();
          runs.add(table, table.toSortedList(1, 1));
        }
        mostRuns = Math.max(mostRuns, written);
        runs.merge(
            1 << 20,
            Progress.NONE,
            (key, count, inDocuments) -> counted.put(key, new Counted(count, inDocuments)));
      }
      assertEquals(bigrams(documents), counted);
    }
    assertTrue(mostRuns > 20, "too large a table to part documents: " + mostRuns);
  }

  @Test
  void documentsAreCountedWhereAllFitsTheTable() throws IOException {
    Random random = new Random(6);
    for (int round = 0; round < 60; round++) {
      int vocabulary = 3 + random.nextInt(8);
      List<int[]> documents = documents(random, 1 + random.nextInt(60), vocabulary);
      CountTable table = new CountTable(1200, true);
      NgramCounter counter =
          counter(
              CorpusFile.write(directory.resolve("corpus.tokens"), documents, vocabulary),
              table,
              1 + random.nextInt(4));
      counter.count();
      assertTrue(counter.isDone());
      int minDocuments = 1 + random.nextInt(6);
      SortedMap<Long, Counted> expected = bigrams(documents);
      expected.values().removeIf(ngram -> ngram.documents < minDocuments);
      SortedMap<Long, Counted> counted = new TreeMap<>();
      int size = table.toSortedList(1, minDocuments);
      for (int i = 0; i < size; i++) {
        int inDocuments = DocumentCounts.count(table.documents().word(i));
        counted.put(table.key(i), new Counted(table.count(i), inDocuments));
      }
      assertEquals(expected, counted);
    }
  }

  private NgramCounter counter(TokenCorpus corpus, CountTable table, int threads) {
    return new NgramCounter(corpus, List.of(), ordinals, table, threads, Progress.NONE);
  }

  /** Returns documents of very different lengths, few of them empty. */
  private static List<int[]> documents(Random random, int count, int vocabulary) {
    List<int[]> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int length = random.nextInt(1 + random.nextInt(random.nextInt(5) == 0 ? 800 : 20));
      documents.add(random.ints(length, 0, vocabulary - 1).toArray());
    }
    return documents;
  }

  private static SortedMap<Long, Counted> bigrams(List<int[]> documents) {
    SortedMap<Long, Counted> bigrams = new TreeMap<>();
    for (int[] document : documents) {
      Set<Long> ofDocument = new HashSet<>();
      for (int i = 1; i < document.length; i++) {
        long key = Level.key(document[i], document[i - 1]);
        int isNew = ofDocument.add(key) ? 1 : 0;
        bigrams.merge(
            key,
            new Counted(1, isNew),
            (a, b) -> new Counted(a.occurrences + b.occurrences, a.documents + b.documents));
      }
    }
    return bigrams;
  }
}
