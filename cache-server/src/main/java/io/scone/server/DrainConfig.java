package io.scone.server;

import java.time.Duration;

/**
 * How a server stops.
 *
 * @param timeout how long calls under way may take to end; then they are cancelled
 */
public record DrainConfig(Duration timeout) {
  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if the timeout is negative
   */
  public DrainConfig {
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("drain timeout is " + timeout + ", less than zero");
    }
  }

  /** Returns the configuration that gives calls half a minute. */
  public static DrainConfig defaults() {
    return new DrainConfig(Duration.ofSeconds(30));
  }
}
