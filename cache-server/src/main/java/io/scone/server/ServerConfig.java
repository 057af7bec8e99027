package io.scone.server;

import java.time.Duration;

/**
 * How a server listens, what it accepts and how it stops.
 *
 * @param host the name or address to listen on; {@code 0.0.0.0} for every interface
 * @param port the port to listen on; 0 for any free one
 * @param limits the most that one request may ask
 * @param drainTimeout how long calls under way may take to end when the server stops
 * @param eventLoops threads that carry the connections
 */
public record ServerConfig(
    String host, int port, RequestLimits limits, Duration drainTimeout, int eventLoops) {
  /** The port of a server that is told no other. */
  public static final int DEFAULT_PORT = 7411;

  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public ServerConfig {
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port is " + port + ", not in 0..65535");
    }
    if (drainTimeout.isNegative()) {
      throw new IllegalArgumentException("drain timeout is " + drainTimeout + ", less than zero");
    }
    if (eventLoops < 1) {
      throw new IllegalArgumentException("event loops are " + eventLoops + ", fewer than 1");
    }
  }

  /** Returns the configuration that listens on this machine only, at the default port. */
  public static ServerConfig defaults() {
    return new ServerConfig(
        "127.0.0.1",
        DEFAULT_PORT,
        RequestLimits.DEFAULT,
        Duration.ofSeconds(30),
        Runtime.getRuntime().availableProcessors());
  }

  /** Returns this configuration with another address. */
  public ServerConfig withAddress(String host, int port) {
    return new ServerConfig(host, port, limits, drainTimeout, eventLoops);
  }

  /** Returns this configuration with other limits. */
  public ServerConfig withLimits(RequestLimits limits) {
    return new ServerConfig(host, port, limits, drainTimeout, eventLoops);
  }

  /** Returns this configuration with another drain timeout. */
  public ServerConfig withDrainTimeout(Duration drainTimeout) {
    return new ServerConfig(host, port, limits, drainTimeout, eventLoops);
  }
}
