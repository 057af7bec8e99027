package io.scone.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * The filling of a client's row cache, which goes on in the background from the first answer on: it
 * is in the way of what is measured meanwhile, and a cache that fills is not what is to be
 * measured.
 */
final class CacheFill {
  /** Longer than a client waits before it asks again for what its server is about to make. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private static final Duration MOST = Duration.ofMinutes(1);
  private static final long PAUSE_MILLIS = 20;

  private CacheFill() {}

  /**
   * Waits until a cache that holds something has not grown for a second, for a minute at most.
   *
   * @param bytes returns the bytes that it holds
   */
  static void await(LongSupplier bytes) throws IOException {
    await(bytes, QUIET, MOST);
  }

  static void await(LongSupplier bytes, Duration quiet, Duration most) throws IOException {
    long begin = System.nanoTime();
    long grown = begin;
    long held = bytes.getAsLong();
    for (long now = begin;
        held > 0 && now - grown < quiet.toNanos() && now - begin < most.toNanos();
        now = System.nanoTime()) {
      pause();
      long holds = bytes.getAsLong();
      if (holds > held) {
        held = holds;
        grown = System.nanoTime();
      }
    }
  }

  private static void pause() throws IOException {
    try {
      TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
