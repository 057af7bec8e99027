package io.scone.client;

import static io.scone.client.SameMatches.assertSame;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class RowCacheTest {
  private FgramService service;
  private SconeClient plain;

  @BeforeEach
  void start() throws IOException {
    service = new FgramService(3);
    plain = SconeClient.connect(service.address());
  }

  @AfterEach
  void stop() {
    plain.close();
    service.close();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 1000, 20_000, 1 << 30})
  void answersAreThoseOfTheServerWhateverIsRememberedAndWhicheverVersionIsServed(long bytes) {
    Random random = new Random(bytes);
    try (SconeClient cached = SconeClient.builder(service.address()).rowCache(bytes).build()) {
      for (int round = 0; round < 150; round++) {
        if (round % 40 == 39) {
          service.load(round, "version " + round);
          // What is all known is not asked for before the cache's time is over.
          cached.match(TokenWindows.of(random.ints(60, 0, FgramService.VOCABULARY).toArray()));
        }
        TokenWindows windows = windows(random);
        assertSame(plain.match(windows), cached.match(windows));
      }
      Statistics statistics = cached.statistics();
      assertTrue(statistics.cacheBytes() <= bytes, statistics::toString);
      assertEquals(0, plain.statistics().cacheBytes());
      assertTrue(statistics.cacheMisses() > 0);
      assertTrue(bytes < 20_000 || statistics.cacheHits() > 500);
    }
  }

  @Test
  void theFilterOfTheTableMakesRowsServeInEveryContext() throws Exception {
    service.filtering = true;
    service.unmadeFilters.set(1);
    Random random = new Random(5);
    try (SconeClient cached = SconeClient.builder(service.address()).rowCache(1 << 20).build()) {
      cached.match(windows(random));
      while (service.filtersSent.get() == 0) {
        Thread.sleep(5); // it is asked for in the background
      }
      for (int round = 0; round < 100; round++) {
        TokenWindows windows = windows(random);
        assertSame(plain.match(windows), cached.match(windows));
      }
      Statistics statistics = cached.statistics();
      assertTrue(statistics.cacheHits() > 4 * statistics.cacheMisses(), statistics::toString);
    }
  }

  @Test
  void rowsOfFrequentFgramsComeBeforeAnybodyAsks() throws Exception {
    service.filtering = true;
    service.listing = true;
    service.unmadeFilters.set(2);
    try (SconeClient cached = SconeClient.builder(service.address()).rowCache(1 << 20).build()) {
      cached.match(TokenWindows.of(1)); // its answer names the version that is to be known
      while (service.listsSent.get() == 0) {
        Thread.sleep(5); // all come in the background
      }
      int requests = service.requests.get();
      for (int[] fgram : service.fgrams()) {
        Matches found = cached.match(new TokenWindows().add(fgram, fgram.length - 1));
        assertEquals(fgram.length, found.length(0));
        float[] row = new float[FgramService.DIM];
        found.rows().decode(found.rowIndex(0), row, 0);
        int ordinal = service.index().find(fgram, 0, fgram.length);
        assertArrayEquals(FgramService.row(ordinal), row);
      }
      assertEquals(requests, service.requests.get());
      long rowBytes = FgramService.DIM * 2L;
      assertTrue(cached.statistics().cacheBytes() > service.fgrams().size() * rowBytes);
    }
  }

  @Test
  void noMoreRowsComeUnaskedThanTheyHaveRoom() throws Exception {
    service.filtering = true;
    service.listing = true;
    try (SconeClient cached = SconeClient.builder(service.address()).rowCache(20_000).build()) {
      cached.match(TokenWindows.of(1));
      int before = -1;
      while (service.filtersSent.get() == 0 || before != service.requests.get()) {
        before = service.requests.get();
        Thread.sleep(300); // longer than the next few rows take
      }
      assertEquals(0, service.listsSent.get());
      assertTrue(before > 2);
      long held = cached.statistics().cacheBytes();
      assertTrue(held > 10_000 && held <= 20_000, "the cache holds " + held);
    }
  }

  @Test
  void whatIsKnownIsNotAskedFor() {
    try (SconeClient cached = SconeClient.builder(service.address()).rowCache(1 << 20).build()) {
      int[] text = IntStream.range(0, 24).toArray();
      System.arraycopy(service.fgrams().get(70), 0, text, 5, service.fgrams().get(70).length);
      Matches first = cached.match(TokenWindows.of(text));
      assertTrue(first.count() > 0);
      int requests = service.requests.get();
      assertSame(first, cached.match(TokenWindows.of(text)));
      assertEquals(requests, service.requests.get());
      assertEquals(text.length, cached.statistics().cacheHits());

      text[23] = 39; // one position more is not known
      assertSame(plain.match(TokenWindows.of(text)), cached.match(TokenWindows.of(text)));
      assertEquals(requests + 3, service.requests.get());
      assertEquals(1, cached.statistics().cacheMisses());
    }
  }

  @Test
  void aLongTextIsAnsweredFromManyThreadsAsAShortOneIs() {
    try (SconeClient cached = SconeClient.builder(service.address()).rowCache(1 << 20).build()) {
      int[] text = new Random(6).ints(2000, 0, FgramService.VOCABULARY).toArray();
      cached.match(new TokenWindows().add(text, 500, 1000, FgramService.MAX_NGRAM - 1));
      TokenWindows windows = new TokenWindows().add(text, 0).add(text, 700, 300, 10);
      assertSame(plain.match(windows), cached.match(windows));
      assertTrue(cached.statistics().cacheHits() > 1200);
    }
  }

  @Test
  void aCacheOfLessThanNothingIsRefused() {
    assertThrows(
        IllegalArgumentException.class, () -> SconeClient.builder("localhost").rowCache(-1));
  }

  private TokenWindows windows(Random random) {
    TokenWindows windows = new TokenWindows();
    for (int i = random.nextInt(4); i > 0; i--) {
      int[] text = random.ints(random.nextInt(70), 0, FgramService.VOCABULARY).toArray();
      for (int at = 0; at + FgramService.MAX_NGRAM < text.length; at += 1 + random.nextInt(6)) {
        int[] fgram = service.fgrams().get(random.nextInt(60));
        System.arraycopy(fgram, 0, text, at, fgram.length);
      }
      int context = random.nextInt(Math.min(text.length, 8) + 1);
      windows.add(text, context);
    }
    return windows;
  }
}
