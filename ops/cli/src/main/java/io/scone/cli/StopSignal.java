package io.scone.cli;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The wish of SIGINT or SIGTERM to end work that must not be cut off: native code that computes
 * while the process takes itself down crashes it.
 *
 * <p>While it is open, a signal asks the work to stop, and the process ends only once this is
 * closed.
 */
final class StopSignal implements AutoCloseable {
  private static final long WAIT_SECONDS = 60;

  private final CountDownLatch closed = new CountDownLatch(1);
  private final Thread hook;

  /** Passes signals on from now: {@code stop} is called once, by another thread. */
  StopSignal(Runnable stop) {
    hook =
        new Thread(
            () -> {
              stop.run();
              awaitClosed();
            },
            "scone-stop");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  @Override
  public void close() {
    closed.countDown();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is going down: the hook has done its part.
    }
  }

  private void awaitClosed() {
    try {
      closed.await(WAIT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
