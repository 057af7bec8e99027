package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.scone.corpus.TokenCorpus;
import io.scone.mining.FgramCursor;
import io.scone.mining.FgramFile;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MatchFileTest {
  private static final FileTime LONG_AGO = FileTime.fromMillis(0);

  @TempDir Path directory;

  @Test
  void holdsTheLongestFgramThatEndsAtEachToken() throws IOException {
    Random random = new Random(1);
    for (int round = 0; round < 12; round++) {
      TokenCorpus corpus = corpus(round, 100 + random.nextInt(3000));
      Path fgrams = mine(corpus, 2 + random.nextInt(4), 1 + random.nextInt(400));
      assertArrayEquals(expected(corpus, fgrams), lengths(corpus, fgrams));
    }
    TokenCorpus large = corpus(99, 200_000); // several threads' chunks
    Path fgrams = mine(large, 4, 500);
    assertArrayEquals(expected(large, fgrams), lengths(large, fgrams));
  }

  @Test
  void isWrittenOnceForACorpusAndItsFgrams() throws IOException {
    TokenCorpus corpus = corpus(1, 3000);
    Path few = mine(corpus, 3, 20);
    byte[] expected = lengths(corpus, few);
    Path file = only(files());
    Files.setLastModifiedTime(file, LONG_AGO);
    assertArrayEquals(expected, lengths(corpus, few));
    assertEquals(LONG_AGO, Files.getLastModifiedTime(file));

    Path more = mine(corpus, 3, 300);
    assertArrayEquals(expected(corpus, more), lengths(corpus, more));
    assertEquals(2, files().size());
    assertEquals(LONG_AGO, Files.getLastModifiedTime(file));
  }

  @Test
  void isWrittenAnewWhereTheCorpusHasChangedOrItIsDamaged() throws IOException {
    Path fgrams = mine(corpus(1, 3000), 3, 100);
    lengths(corpus(1, 3000), fgrams);
    Path file = only(files());
    TokenCorpus changed = corpus(2, 3000);
    assertArrayEquals(expected(changed, fgrams), lengths(changed, fgrams));
    assertEquals(file, only(files()));

    byte[] whole = Files.readAllBytes(file);
    for (int at : new int[] {0, 9, 17, 21, 30, whole.length - 1}) {
      byte[] damaged = whole.clone();
      damaged[at] ^= 1;
      Files.write(file, damaged);
      lengths(changed, fgrams);
      assertArrayEquals(whole, Files.readAllBytes(file));
    }
    Files.write(file, new byte[5]);
    lengths(changed, fgrams);
    assertArrayEquals(whole, Files.readAllBytes(file));
  }

  @Test
  void manyMayWantItAtOnce() throws Exception {
    TokenCorpus corpus = corpus(1, 30_000);
    Path fgrams = mine(corpus, 4, 500);
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<byte[]>> all =
          threads.invokeAll(
              IntStream.range(0, 4)
                  .<Callable<byte[]>>mapToObj(i -> () -> lengths(corpus, fgrams))
                  .toList());
      for (Future<byte[]> lengths : all) {
        assertArrayEquals(expected(corpus, fgrams), lengths.get());
      }
    } finally {
      threads.shutdownNow();
    }
    assertEquals(1, files().size());
  }

  private TokenCorpus corpus(int seed, int tokens) throws IOException {
    Path file = directory.resolve("corpus.tokens");
    TrainingFiles.write(file, seed, tokens);
    return TokenCorpus.open(file);
  }

  private Path mine(TokenCorpus corpus, int maxNgram, int size) throws IOException {
    Path file = directory.resolve("fgrams.bin");
    FgramMiner.mine(
        corpus, new MiningOptions(maxNgram, size, 2, 1, 1 << 24, 1), file, Progress.NONE);
    return file;
  }

  private static byte[] lengths(TokenCorpus corpus, Path fgrams) throws IOException {
    TrainingData data = TrainingData.open(corpus.path(), null, fgrams);
    MatchLengths lengths =
        MatchLengths.of(corpus, data.fgrams(), data.fgramsFingerprint(), Progress.NONE);
    byte[] bytes = new byte[(int) corpus.tokenCount()];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = lengths.at(i);
    }
    return bytes;
  }

  /** Tries every n-gram that ends at each token, whatever else is or is not an f-gram. */
  private static byte[] expected(TokenCorpus corpus, Path fgrams) throws IOException {
    Set<List<Integer>> set = new HashSet<>();
    FgramFile file = FgramFile.open(fgrams);
    try (FgramCursor cursor = file.cursor()) {
      while (cursor.next()) {
        set.add(IntStream.of(cursor.tokens()).boxed().toList());
      }
    }
    int[] tokens = new int[(int) corpus.tokenCount()];
    corpus.read(0, tokens, 0, tokens.length);
    List<Integer> text = IntStream.of(tokens).boxed().toList();
    byte[] lengths = new byte[tokens.length];
    for (int end = 0; end < tokens.length; end++) {
      for (int n = 2; n <= file.maxNgram() && n <= end + 1; n++) {
        if (set.contains(text.subList(end + 1 - n, end + 1))) {
          lengths[end] = (byte) n;
        }
      }
    }
    return lengths;
  }

  private Set<Path> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      Set<Path> files =
          all.filter(file -> !file.toString().matches(".*(corpus.tokens|fgrams.bin)"))
              .collect(Collectors.toSet());
      files.forEach(file -> assertNotEquals("partial", file.toString().replaceAll(".*\\.", "")));
      return files;
    }
  }

  private static Path only(Set<Path> files) {
    assertEquals(1, files.size());
    return files.iterator().next();
  }
}
