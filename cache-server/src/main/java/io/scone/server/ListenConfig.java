package io.scone.server;

/**
 * Where a server listens, and with how many threads.
 *
 * @param host the name or address to listen on; {@code 0.0.0.0} for every interface
 * @param port the port to listen on; 0 for any free one
 * @param eventLoops threads that carry the connections
 */
public record ListenConfig(String host, int port, int eventLoops) {
  /** The port of a server that is told no other. */
  public static final int DEFAULT_PORT = 7411;

  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public ListenConfig {
    if (host.isBlank()) {
      throw new IllegalArgumentException("host is blank; name an address to listen on");
    }
    if (port < 0 || port > 65535) {
      throw new IllegalArgumentException("port is " + port + ", not in 0..65535");
    }
    if (eventLoops < 1) {
      throw new IllegalArgumentException("event loops are " + eventLoops + ", fewer than 1");
    }
  }

  /** Returns the configuration that listens on this machine only, at the default port. */
  public static ListenConfig defaults() {
    return at("127.0.0.1", DEFAULT_PORT);
  }

  /** Returns the configuration that listens at an address, with the default threads. */
  public static ListenConfig at(String host, int port) {
    return new ListenConfig(host, port, Runtime.getRuntime().availableProcessors());
  }
}
