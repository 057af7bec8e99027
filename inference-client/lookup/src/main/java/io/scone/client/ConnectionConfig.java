package io.scone.client;

import java.time.Duration;

/**
 * How a client reaches a server; the same for all of its calls.
 *
 * @param connections how many connections calls are spread over, each with its event loop
 * @param tls how the server is made sure of; null for none
 * @param token what is sent with every call; null for none
 * @param keepAlive after how long without a byte a connection is tried
 * @param unavailable what a call does while no server can be reached
 * @param hedging when a call is made a second time before the first has ended; null for never
 */
record ConnectionConfig(
    int connections,
    Tls tls,
    BearerToken token,
    Duration keepAlive,
    Unavailable unavailable,
    Hedging hedging) {
  private static final int MAX_CONNECTIONS = 64;
  private static final Duration MIN_KEEP_ALIVE = Duration.ofSeconds(10);

  static final ConnectionConfig DEFAULT =
      new ConnectionConfig(2, null, null, Duration.ofSeconds(30), Unavailable.RETRY, null);

  /** What a call does while no server can be reached. */
  enum Unavailable {
    /** It fails at once. */
    FAIL,
    /** It is made a few times more, with growing pauses, about two seconds in all. */
    RETRY,
    /** It waits for a server until its deadline. */
    WAIT
  }

  /**
   * When a call is made again before its first attempt has ended.
   *
   * @param delay how long an attempt may take before the next begins
   * @param attempts how many there may be, the first included
   */
  record Hedging(Duration delay, int attempts) {
    private static final int MAX_ATTEMPTS = 5;

    Hedging {
      if (delay.isNegative() || attempts < 2 || attempts > MAX_ATTEMPTS) {
        throw new IllegalArgumentException(
            "hedging after " + delay + " with " + attempts + " attempts; give 2 to 5 attempts");
      }
    }
  }

  ConnectionConfig {
    if (connections < 1 || connections > MAX_CONNECTIONS) {
      throw new IllegalArgumentException(connections + " connections; give 1 to 64");
    }
    if (keepAlive.compareTo(MIN_KEEP_ALIVE) < 0) {
      throw new IllegalArgumentException("keepalive after " + keepAlive + "; give PT10S or more");
    }
  }

  ConnectionConfig withConnections(int connections) {
    return new ConnectionConfig(connections, tls, token, keepAlive, unavailable, hedging);
  }

  ConnectionConfig withTls(Tls tls) {
    return new ConnectionConfig(connections, tls, token, keepAlive, unavailable, hedging);
  }

  ConnectionConfig withToken(BearerToken token) {
    return new ConnectionConfig(connections, tls, token, keepAlive, unavailable, hedging);
  }

  ConnectionConfig withKeepAlive(Duration keepAlive) {
    return new ConnectionConfig(connections, tls, token, keepAlive, unavailable, hedging);
  }

  ConnectionConfig withUnavailable(Unavailable unavailable) {
    return new ConnectionConfig(connections, tls, token, keepAlive, unavailable, hedging);
  }

  ConnectionConfig withHedging(Hedging hedging) {
    return new ConnectionConfig(connections, tls, token, keepAlive, unavailable, hedging);
  }
}
