package io.scone.server;

import java.util.OptionalInt;

/**
 * Where a server's metrics can be read over HTTP, apart from the port of its calls.
 *
 * @param host the name or address to listen on; {@code 0.0.0.0} for every interface
 * @param port the port to listen on, 0 for any free one; without one nothing listens
 */
public record MetricsConfig(String host, OptionalInt port) {
  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public MetricsConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException("metrics host is blank; name an address to listen on");
    }
    if (port.isPresent() && (port.getAsInt() < 0 || port.getAsInt() > 65535)) {
      throw new IllegalArgumentException(
          "metrics port is " + port.getAsInt() + ", not in 0..65535");
    }
  }

  /** Returns the configuration without an endpoint. */
  public static MetricsConfig defaults() {
    return new MetricsConfig("127.0.0.1", OptionalInt.empty());
  }

  /** Returns the configuration of an endpoint at an address. */
  public static MetricsConfig at(String host, int port) {
    return new MetricsConfig(host, OptionalInt.of(port));
  }
}
