package io.scone.mining;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.corpus.TokenCorpus;
import io.scone.corpus.VocabularyOnly;
import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FgramMinerTest {
  private static final long MEMORY = 64 << 20;

  @TempDir Path directory;

  @Test
  void keepsTheMostFrequentNgramsOfAllLengths() throws IOException {
    Random random = new Random(1);
    for (int round = 0; round < 60; round++) {
      int vocabulary = 3 + random.nextInt(30);
      List<int[]> documents = documents(random, random.nextInt(40) + 1, 60, vocabulary);
      int maxNgram = 2 + random.nextInt(4);
      int minCount = 1 + random.nextInt(6);
      int minDocuments = Math.max(1, random.nextInt(8) - 2);
      Map<List<Integer>, Long> frequent = frequent(documents, maxNgram, minCount, minDocuments);
      int size = 1 + random.nextInt(frequent.size() * 3 / 2 + 1);
      MiningOptions options =
          new MiningOptions(maxNgram, size, minCount, minDocuments, MEMORY, 1 + random.nextInt(3));
      Path file = directory.resolve("fgrams.bin");
      MiningReport report =
          FgramMiner.mine(
              CorpusFile.write(directory.resolve("corpus.tokens"), documents, vocabulary),
              options,
              file,
              Progress.NONE);

      Map<List<Integer>, Long> expected =
          frequent.entrySet().stream()
              .sorted(
                  Map.Entry.<List<Integer>, Long>comparingByValue(Comparator.reverseOrder())
                      .thenComparing(e -> e.getKey().size())
                      .thenComparing(e -> key(e.getKey()), FgramKey::compare))
              .limit(size)
              .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
      Map<List<Integer>, Long> mined = read(FgramFile.open(file));
      assertEquals(expected, mined);
      assertEquals(expected.size(), report.kept());
      assertEquals(
          expected.values().stream().mapToLong(count -> count).min().orElse(0),
          report.leastCount());
      for (MiningReport.Length length : report.lengths()) {
        assertEquals(
            frequent.keySet().stream().filter(ngram -> ngram.size() == length.n()).count(),
            length.frequent());
        assertEquals(
            mined.keySet().stream().filter(ngram -> ngram.size() == length.n()).count(),
            length.kept());
      }
      for (List<Integer> ngram : mined.keySet()) {
        if (ngram.size() > 2) {
          assertTrue(mined.containsKey(ngram.subList(0, ngram.size() - 1)));
          assertTrue(mined.containsKey(ngram.subList(1, ngram.size())));
        }
      }
    }
  }

  @Test
  void theResultDoesNotDependOnThreadsOrMemory() throws IOException {
    TokenCorpus corpus =
        CorpusFile.write(
            directory.resolve("corpus.tokens"), documents(new Random(2), 400, 2000, 3000), 3000);
    for (int minDocuments : new int[] {1, 3}) {
      MiningReport expected = mine(corpus, minDocuments, 256 << 20, 1, "expected.bin");
      // That of the bigrams' ordinals, 4 bytes a token, is all there is.
      assertEquals(corpus.tokenCount() * 4, expected.temporaryBytes());
      assertTrue(expected.lengths().get(2).kept() > 0);
      for (long memory : new long[] {1 << 20, 3 << 20, MEMORY}) {
        for (int threads : new int[] {1, 4}) {
          MiningReport other = mine(corpus, minDocuments, memory, threads, "other.bin");
          assertEquals(memory < MEMORY, other.temporaryBytes() > expected.temporaryBytes());
          assertEquals(expected.lengths(), other.lengths());
          assertEquals(
              -1,
              Files.mismatch(directory.resolve("expected.bin"), directory.resolve("other.bin")));
        }
      }
      assertEquals(List.of("corpus.tokens", "expected.bin", "other.bin"), filesLeft());
    }
  }

  @Test
  void shardsAreMinedAsOneFileIs() throws IOException {
    List<int[]> documents = documents(new Random(5), 40, 100, 60);
    TokenCorpus whole = CorpusFile.write(directory.resolve("corpus.tokens"), documents, 60);
    Path shards = Files.createDirectory(directory.resolve("shards"));
    for (int i = 0; i < 4; i++) {
      Path shard = shards.resolve(i + ".tokens");
      CorpusFile.write(shard, documents.subList(i * 10, i * 10 + 10), 60);
    }
    for (int minDocuments : new int[] {1, 3}) {
      mine(whole, minDocuments, MEMORY, 2, "expected.bin");
      mine(TokenCorpus.open(shards), minDocuments, MEMORY, 2, "other.bin");
      assertEquals(
          -1, Files.mismatch(directory.resolve("expected.bin"), directory.resolve("other.bin")));
    }
  }

  @Test
  void tooLittleMemoryIsSaidAndLeavesNothing() throws IOException {
    TokenCorpus corpus =
        CorpusFile.write(
            directory.resolve("corpus.tokens"), documents(new Random(3), 200, 2000, 3000), 3000);
    MiningOptions options = new MiningOptions(3, 1000, 1, 1, 1 << 20, 2);
    MiningException e =
        assertThrows(
            MiningException.class,
            () -> FgramMiner.mine(corpus, options, directory.resolve("f.bin"), Progress.NONE));
    assertTrue(e.getMessage().contains("give more memory"), e.getMessage());
    assertEquals(List.of("corpus.tokens"), filesLeft());
  }

  @Test
  void coverageCountsTheLongestMatches() throws IOException {
    TokenCorpus corpus =
        CorpusFile.write(
            directory.resolve("corpus.tokens"),
            List.of(new int[] {1, 2, 3, 1, 2}, new int[] {2, 3}, new int[0]),
            5);
    Path file = directory.resolve("fgrams.bin");
    FgramMiner.mine(corpus, new MiningOptions(3, 100, 2, 1, MEMORY, 1), file, Progress.NONE);
    FgramIndex index = FgramFile.open(file).index();
    assertEquals(2, index.size()); // 1 2 and 2 3
    for (int threads : new int[] {1, 3}) {
      Coverage coverage = Coverage.of(corpus, index, threads, Progress.NONE);
      assertEquals(7, coverage.positions());
      assertEquals(4, coverage.matches());
      assertEquals(4, coverage.matches(2));
      assertEquals(0, coverage.matches(3));
      assertEquals(2.0, coverage.meanLength());
    }
  }

  @Test
  void damagedAndForeignFilesAreRefused() throws IOException {
    Path file = directory.resolve("fgrams.bin");
    TokenCorpus corpus =
        CorpusFile.write(
            directory.resolve("corpus.tokens"), documents(new Random(4), 30, 100, 20), 20);
    FgramMiner.mine(corpus, new MiningOptions(4, 100, 2, 1, MEMORY, 1), file, Progress.NONE);
    byte[] bytes = Files.readAllBytes(file);
    FgramFile whole = FgramFile.open(file);
    assertEquals(100, whole.size());
    assertEquals(4, whole.maxNgram());
    assertEquals(20, whole.vocabularySize());
    assertEquals(corpus.tokenizerFingerprint(), whole.tokenizerFingerprint());
    for (int length = 0; length < bytes.length; length += 1 + length / 9) {
      Files.write(file, Arrays.copyOf(bytes, length));
      assertThrows(MiningException.class, () -> FgramFile.open(file).index());
    }
    Files.write(file, Arrays.copyOf(bytes, bytes.length + 1));
    assertThrows(MiningException.class, () -> FgramFile.open(file).index());
    byte[] swapped = bytes.clone();
    swapped[FgramHeader.BYTES + 8] ^= 1;
    Files.write(file, swapped);
    assertThrows(MiningException.class, () -> FgramFile.open(file).index());
    Files.delete(file);
    assertThrows(MiningException.class, () -> FgramFile.open(file));
  }

  @Test
  void theWriterTakesOnlyFgramsInKeyOrder() throws IOException {
    Path file = directory.resolve("fgrams.bin");
    try (FgramFileWriter writer =
        FgramFileWriter.create(file, 10, 3, new VocabularyOnly(10).fingerprint())) {
      writer.add(new int[] {0, 5, 1}, 1, 2, 9);
      writer.add(new int[] {4, 5, 1}, 0, 3, 8);
      assertThrows(IllegalArgumentException.class, () -> writer.add(new int[] {5, 1}, 0, 2, 9));
      assertThrows(IllegalArgumentException.class, () -> writer.add(new int[] {5, 10}, 0, 2, 9));
      assertThrows(IllegalArgumentException.class, () -> writer.add(new int[] {5}, 0, 1, 9));
    }
    assertEquals(List.of(), filesLeft());
  }

  private MiningReport mine(
      TokenCorpus corpus, int minDocuments, long memory, int threads, String name)
      throws IOException {
    return FgramMiner.mine(
        corpus,
        new MiningOptions(4, 5000, 5, minDocuments, memory, threads),
        directory.resolve(name),
        Progress.NONE);
  }

  private List<String> filesLeft() throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Returns random documents in which low tokens are frequent and repetitions occur. */
  private static List<int[]> documents(Random random, int count, int maxLength, int vocabulary) {
    List<int[]> documents = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] tokens = new int[random.nextInt(maxLength)];
      for (int j = 0; j < tokens.length; j++) {
        boolean follows = j > 0 && random.nextInt(3) == 0;
        double skewed = Math.pow(random.nextDouble(), 2);
        tokens[j] =
            follows
                ? (tokens[j - 1] * 7 + 1) % (vocabulary - 1)
                : (int) (skewed * (vocabulary - 1));
      }
      documents.add(tokens);
    }
    return documents;
  }

  private static Map<List<Integer>, Long> frequent(
      List<int[]> documents, int maxNgram, int minCount, int minDocuments) {
    Map<List<Integer>, Long> counts = new HashMap<>();
    Map<List<Integer>, Set<Integer>> holders = new HashMap<>();
    for (int document = 0; document < documents.size(); document++) {
      List<Integer> tokens = Arrays.stream(documents.get(document)).boxed().toList();
      for (int from = 0; from < tokens.size(); from++) {
        for (int to = from + 2; to <= Math.min(tokens.size(), from + maxNgram); to++) {
          List<Integer> ngram = tokens.subList(from, to);
          counts.merge(ngram, 1L, Long::sum);
          holders.computeIfAbsent(ngram, key -> new HashSet<>()).add(document);
        }
      }
    }
    counts.values().removeIf(count -> count < minCount);
    counts.keySet().removeIf(ngram -> holders.get(ngram).size() < minDocuments);
    return counts;
  }

  private static Map<List<Integer>, Long> read(FgramFile file) throws IOException {
    Map<List<Integer>, Long> fgrams = new HashMap<>();
    try (FgramCursor cursor = file.cursor()) {
      while (cursor.next()) {
        assertArrayEquals(FgramKey.encode(cursor.tokens()), cursor.key());
        fgrams.put(Arrays.stream(cursor.tokens()).boxed().toList(), cursor.count());
      }
    }
    return fgrams;
  }

  private static byte[] key(List<Integer> ngram) {
    return FgramKey.encode(ngram.stream().mapToInt(Integer::intValue).toArray());
  }
}
