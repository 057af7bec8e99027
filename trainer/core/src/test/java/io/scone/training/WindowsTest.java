package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.scone.corpus.TokenCorpus;
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
}
