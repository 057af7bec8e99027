package io.scone.server;

import java.time.Duration;

/**
 * How a server stops.
 *
 * @param delay how long the server still takes requests after its health has turned NOT_SERVING, so
 *     that those who send requests by it can turn away first
 * @param timeout how long calls under way may take to end; then they are cancelled
 */
public record DrainConfig(Duration delay, Duration timeout) {
  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a time is negative
   */
  public DrainConfig {
    if (delay.isNegative()) {
      throw new IllegalArgumentException("drain delay is " + delay + ", less than zero");
    }
    if (timeout.isNegative()) {
      throw new IllegalArgumentException("drain timeout is " + timeout + ", less than zero");
    }
  }

  /** Returns the configuration without a delay that gives calls half a minute. */
  public static DrainConfig defaults() {
    return new DrainConfig(Duration.ZERO, Duration.ofSeconds(30));
  }
}
