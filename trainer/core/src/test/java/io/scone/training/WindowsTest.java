package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WindowsTest {
  @TempDir Path directory;

  @Test
  void everyEpochHasEveryWindowOnceInAnOrderOfItsOwn() {
    WindowOrder order = new WindowOrder(97, 5);
    int[] first = IntStream.range(0, 97).map(order::window).toArray();
    int[] second = IntStream.range(97, 194).map(order::window).toArray();
    assertNotEquals(Arrays.toString(first), Arrays.toString(second));
    for (int[] epoch : new int[][] {first, second}) {
      int[] sorted = epoch.clone();
      Arrays.sort(sorted);
      assertArrayEquals(IntStream.range(0, 97).toArray(), sorted);
    }
    // A resumed run begins anywhere.
    assertEquals(second[50], new WindowOrder(97, 5).window(147));
    assertNotEquals(
        Arrays.toString(first),
        Arrays.toString(IntStream.range(0, 97).map(new WindowOrder(97, 6)::window).toArray()));
  }

  @Test
  void dropoutTakesItsShareAndTheSameOneForEachWindowEveryTime() {
    MatchDropout dropout = new MatchDropout(0.25, 3);
    byte[] all = new byte[40_000];
    Arrays.fill(all, (byte) 4);
    dropout.apply(all, 0, all.length, 17);
    byte[] again = new byte[all.length];
    Arrays.fill(again, (byte) 4);
    dropout.apply(again, 0, again.length, 17);
    assertArrayEquals(all, again);
    Arrays.fill(again, (byte) 4);
    dropout.apply(again, 0, again.length, 18);
    assertNotEquals(Arrays.toString(all), Arrays.toString(again));
    long dropped = IntStream.range(0, all.length).filter(i -> all[i] == 0).count();
    assertEquals(0.25, (double) dropped / all.length, 0.01);
  }

  @Test
  void windowsAndTheRestPredictEveryTokenButTheFirstOnce() throws IOException {
    Path file = directory.resolve("text.tokens");
    TrainingFiles.write(file, 4, 1000);
    TokenCorpus corpus = TokenCorpus.open(file);
    Windows windows = new Windows(corpus, MatchLengths.NONE, 64, 0);
    int[] all = IntStream.range(0, windows.count()).toArray();
    long[] targets =
        IntStream.concat(
                Arrays.stream(windows.batch(all).targets()).mapToInt(Math::toIntExact),
                Arrays.stream(windows.batch(new int[] {windows.count()}).targets())
                    .mapToInt(Math::toIntExact))
            .asLongStream()
            .toArray();
    int[] tokens = new int[(int) corpus.tokenCount()];
    corpus.read(0, tokens, 0, tokens.length);
    assertArrayEquals(Arrays.stream(tokens).skip(1).asLongStream().toArray(), targets);
  }

  @Test
  void aProcessHasTheSameWindowsWhetherItReadsTheWholeBatchOrOnlyThem() throws IOException {
    TrainingData data = new TrainingFiles(directory).data();
    MatchLengths matches =
        MatchLengths.of(data.corpus(), data.fgrams(), data.fgramsFingerprint(), Progress.NONE);
    Windows whole = new Windows(data.corpus(), matches, 64, 1000); // for the sake of a memory
    Windows own = new Windows(data.corpus(), matches, 64, 0);
    int[] windows = {7, 500, 3, 40, 41, 2};
    MatchDropout dropout = new MatchDropout(0.25, 3);
    for (int rank = 0; rank < 3; rank++) {
      Share share = new Share(windows.length, rank, 3);
      TrainingBatch expected = whole.batch(windows, share, dropout, 17);
      TrainingBatch batch = own.batch(windows, share, dropout, 17);
      assertEquals(new Pack(2, 64), batch.windows());
      assertFalse(batch.fgrams().isEmpty());
      assertEquals(expected.fgrams(), batch.fgrams());
      assertArrayEquals(expected.inputTokens(), batch.inputTokens());
      assertArrayEquals(expected.sources(), batch.sources());
      assertArrayEquals(expected.targets(), batch.targets());
    }
  }
}
