package io.scone.server;

import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Something that takes long to make, made once, in the background, when it is first asked for.
 *
 * <p>Safe for use by many threads; none waits.
 *
 * @param <T> what is made
 */
final class OnDemand<T> {
  private static final Logger LOG = LoggerFactory.getLogger(OnDemand.class);

  private final String name;
  private final Callable<T> maker;
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile T made;

  /**
   * Makes a promise.
   *
   * @param name what is made, for a sentence
   */
  OnDemand(String name, Callable<T> maker) {
    this.name = name;
    this.maker = maker;
  }

  /** Returns what is made, or null while it is not; the first time, begins to make it. */
  T get() {
    if (made == null && begun.compareAndSet(false, true)) {
      Thread thread = new Thread(this::make, "scone-on-demand");
      thread.setDaemon(true);
      thread.start();
    }
    return made;
  }

  private void make() {
    try {
      made = maker.call();
    } catch (Exception | OutOfMemoryError e) {
      LOG.warn("{} is not made, clients do without: {}", name, e.toString());
    }
  }
}
