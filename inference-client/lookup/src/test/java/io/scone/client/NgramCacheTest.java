package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramFilter;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class NgramCacheTest {
  private static final int ROW_BYTES = 24;

  @Test
  void whatHasRoomIsFoundAndNothingElseIs() {
    NgramCache cache = new NgramCache(1 << 20, ROW_BYTES, 10_000);
    Random random = new Random(1);
    List<int[]> ngrams = distinct(2_000, random);
    for (int[] ngram : ngrams.subList(0, 1_000)) {
      put(cache, ngram);
    }
    for (int[] ngram : ngrams.subList(0, 1_000)) {
      assertArrayEquals(row(ngram), found(cache, ngram));
    }
    for (int[] ngram : ngrams.subList(1_000, 2_000)) {
      assertNull(found(cache, ngram));
    }
    long bytes = cache.bytes();
    put(cache, ngrams.get(0));
    assertEquals(bytes, cache.bytes());
  }

  @Test
  void anNgramWithoutARowIsRemembered() {
    NgramCache cache = new NgramCache(1 << 20, ROW_BYTES, 10);
    int[] ngram = {3, 1, 4};
    cache.put(ngram, 0, 3, FgramFilter.hash(ngram, 0, 3), null);
    assertEquals(0, found(cache, ngram).length);
  }

  @Test
  void ngramsOfTheSameHashAreToldApart() {
    NgramCache cache = new NgramCache(1 << 20, ROW_BYTES, 10);
    int[] shorter = {7, 0}; // a token 0 at the end changes no hash
    int[] longer = {7, 0, 0};
    assertEquals(FgramFilter.hash(shorter, 0, 2), FgramFilter.hash(longer, 0, 3));
    put(cache, shorter);
    assertNull(found(cache, longer));
    put(cache, longer);
    assertArrayEquals(row(shorter), found(cache, shorter));
    assertArrayEquals(row(longer), found(cache, longer));
  }

  @Test
  void noMoreBytesAreTakenThanAreAllowedAndWhatIsUsedStays() {
    long most = 40_000;
    NgramCache cache = new NgramCache(most, ROW_BYTES, 100_000);
    List<int[]> ngrams = distinct(5_000, new Random(2));
    int[] used = ngrams.get(0);
    put(cache, used);
    for (int[] ngram : ngrams) {
      put(cache, ngram);
      assertTrue(cache.bytes() <= most);
      assertArrayEquals(row(ngram), found(cache, ngram));
      assertArrayEquals(row(used), found(cache, used));
    }
    long held = ngrams.stream().filter(ngram -> found(cache, ngram) != null).count();
    assertTrue(held > most / 2 / (ROW_BYTES + 80) && held < 1_000, () -> held + " are held");
  }

  @Test
  void aRowThatTakesMoreThanAllIsNotHeld() {
    NgramCache cache = new NgramCache(10, ROW_BYTES, 100);
    put(cache, new int[] {1, 2});
    assertNull(found(cache, new int[] {1, 2}));
    assertEquals(0, cache.bytes());
  }

  @Test
  void questionsBesideChangesFindTheirOwnRowsOrNone() throws Exception {
    NgramCache cache = new NgramCache(60_000, ROW_BYTES, 100_000);
    List<int[]> ngrams = distinct(3_000, new Random(3));
    ExecutorService threads = Executors.newFixedThreadPool(4);
    try {
      List<Future<Integer>> results = new ArrayList<>();
      for (int thread = 0; thread < 4; thread++) {
        Random random = new Random(thread);
        boolean writes = thread < 2;
        Callable<Integer> work =
            () -> {
              int hits = 0;
              for (int i = 0; i < 200_000; i++) {
                // The first ones are asked for far more often.
                int[] ngram = ngrams.get(random.nextInt(1 + random.nextInt(ngrams.size())));
                byte[] found = found(cache, ngram);
                if (found != null) {
                  assertArrayEquals(row(ngram), found);
                  hits++;
                } else if (writes) {
                  put(cache, ngram);
                }
              }
              return hits;
            };
        results.add(threads.submit(work));
      }
      for (Future<Integer> result : results) {
        assertTrue(result.get() > 20_000, () -> "few were found");
      }
    } finally {
      threads.shutdownNow();
    }
  }

  private static void put(NgramCache cache, int[] ngram) {
    cache.put(
        ngram,
        0,
        ngram.length,
        FgramFilter.hash(ngram, 0, ngram.length),
        ByteBuffer.wrap(row(ngram)));
  }

  private static byte[] found(NgramCache cache, int[] ngram) {
    byte[] entry = cache.find(ngram, 0, ngram.length, FgramFilter.hash(ngram, 0, ngram.length));
    return entry == null
        ? null
        : Arrays.copyOfRange(entry, NgramCache.rowOffset(ngram.length), entry.length);
  }

  private static byte[] row(int[] ngram) {
    byte[] row = new byte[ROW_BYTES];
    new Random(Arrays.hashCode(ngram)).nextBytes(row);
    return row;
  }

  private static List<int[]> distinct(int count, Random random) {
    return IntStream.range(0, count)
        .mapToObj(
            i ->
                IntStream.concat(random.ints(1 + random.nextInt(4), 0, 50), IntStream.of(i))
                    .toArray())
        .toList();
  }
}
