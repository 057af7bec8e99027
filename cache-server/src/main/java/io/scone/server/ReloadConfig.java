package io.scone.server;

import java.time.Duration;

/**
 * How a server takes up changes of the files that say whom it trusts and who it is.
 *
 * @param interval how long it takes at most until a change is seen
 */
public record ReloadConfig(Duration interval) {
  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if the interval is shorter than a millisecond
   */
  public ReloadConfig {
    if (interval.toMillis() < 1) {
      throw new IllegalArgumentException("reload interval is " + interval + ", less than 1 ms");
    }
  }

  /** Returns the configuration that looks every ten seconds. */
  public static ReloadConfig defaults() {
    return new ReloadConfig(Duration.ofSeconds(10));
  }
}
