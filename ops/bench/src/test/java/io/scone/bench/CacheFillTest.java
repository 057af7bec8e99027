package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CacheFillTest {
  private static final Duration QUIET = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofHours(1);

  @Test
  void aCacheIsFilledOnceItHasNotGrownForAWhile() throws IOException {
    AtomicLong asked = new AtomicLong();
    long begin = System.nanoTime();
    CacheFill.await(() -> Math.min(5, asked.incrementAndGet()), QUIET, LONG);
    assertTrue(asked.get() > 5);
    assertTrue(System.nanoTime() - begin >= QUIET.toNanos());
  }

  @Test
  void oneThatNeverEndsToGrowIsNotWaitedForForever() throws IOException {
    AtomicLong asked = new AtomicLong();
    CacheFill.await(asked::incrementAndGet, LONG, QUIET);
    assertTrue(asked.get() > 1);
  }

  @Test
  void nothingIsWaitedForWithoutACache() throws IOException {
    AtomicLong asked = new AtomicLong();
    CacheFill.await(() -> -asked.getAndIncrement(), LONG, LONG);
    assertEquals(1, asked.get());
  }
}
