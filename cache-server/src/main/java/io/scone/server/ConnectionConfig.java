package io.scone.server;

import io.grpc.netty.NettyServerBuilder;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * How many connections a server takes, what it lets each do, and for how long.
 *
 * @param maxConnections connections at once over all listeners; more are closed as they are made
 * @param maxCalls calls of any kind at once; a client library keeps further ones back by itself
 * @param maxHeaderBytes bytes of a call's headers
 * @param maxResetsPerSecond calls that a client may cancel in a second, on average over ten; more
 *     close the connection
 * @param handshakeTimeout how long a new connection may take to speak HTTP/2
 * @param keepAliveTime how long a connection is silent before the server asks whether the client is
 *     still there
 * @param keepAliveTimeout how long the client may take to say so before the connection is closed
 * @param minClientKeepAlive how often a client may ask the same, calls under way or not; one that
 *     asks more often is disconnected
 * @param maxIdle how long a connection may have no calls before it is closed; zero for ever
 * @param maxAge how long a connection may live before its client is told to make another, so that
 *     clients spread over new servers; zero for ever
 * @param maxAgeGrace how long calls under way at that age may take to end
 */
public record ConnectionConfig(
    int maxConnections,
    int maxCalls,
    int maxHeaderBytes,
    int maxResetsPerSecond,
    Duration handshakeTimeout,
    Duration keepAliveTime,
    Duration keepAliveTimeout,
    Duration minClientKeepAlive,
    Duration maxIdle,
    Duration maxAge,
    Duration maxAgeGrace) {
  private static final int SECONDS_PER_RESET_WINDOW = 10;
  private static final int MOST_RESETS_PER_SECOND = 1_000_000;

  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public ConnectionConfig {
    check("the most connections", maxConnections, Integer.MAX_VALUE);
    check("the most calls of a connection", maxCalls, Integer.MAX_VALUE);
    check("the most header bytes", maxHeaderBytes, 1 << 20);
    check("the most resets per second", maxResetsPerSecond, MOST_RESETS_PER_SECOND);
    checkPositive("handshake timeout", handshakeTimeout);
    checkPositive("keepalive time", keepAliveTime);
    checkPositive("keepalive timeout", keepAliveTimeout);
    checkNotNegative("the shortest keepalive of clients", minClientKeepAlive);
    checkNotNegative("the longest idle time of a connection", maxIdle);
    checkNotNegative("the longest age of a connection", maxAge);
    checkNotNegative("the grace after the longest age", maxAgeGrace);
  }

  /** Returns the configuration of a server that is told no other. */
  public static ConnectionConfig defaults() {
    return new ConnectionConfig(
        16_384,
        1024,
        8 << 10,
        1000,
        Duration.ofSeconds(20),
        Duration.ofMinutes(1),
        Duration.ofSeconds(20),
        Duration.ofSeconds(10),
        Duration.ZERO,
        Duration.ZERO,
        Duration.ofSeconds(30));
  }

  void configure(NettyServerBuilder server) {
    server
        .maxConcurrentCallsPerConnection(maxCalls)
        .maxInboundMetadataSize(maxHeaderBytes)
        .maxRstFramesPerWindow(
            SECONDS_PER_RESET_WINDOW * maxResetsPerSecond, SECONDS_PER_RESET_WINDOW)
        .keepAliveTime(keepAliveTime.toMillis(), TimeUnit.MILLISECONDS)
        .keepAliveTimeout(keepAliveTimeout.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveTime(minClientKeepAlive.toMillis(), TimeUnit.MILLISECONDS)
        .permitKeepAliveWithoutCalls(true)
        .handshakeTimeout(handshakeTimeout.toMillis(), TimeUnit.MILLISECONDS);
    if (!maxIdle.isZero()) {
      server.maxConnectionIdle(maxIdle.toMillis(), TimeUnit.MILLISECONDS);
    }
    if (!maxAge.isZero()) {
      server
          .maxConnectionAge(maxAge.toMillis(), TimeUnit.MILLISECONDS)
          .maxConnectionAgeGrace(maxAgeGrace.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static void check(String name, int value, int largest) {
    if (value < 1 || value > largest) {
      throw new IllegalArgumentException(name + " are " + value + ", not in 1.." + largest);
    }
  }

  private static void checkPositive(String name, Duration value) {
    if (value.toMillis() < 1) {
      throw new IllegalArgumentException(name + " is " + value + ", less than 1 ms");
    }
  }

  private static void checkNotNegative(String name, Duration value) {
    if (value.isNegative()) {
      throw new IllegalArgumentException(name + " is " + value + ", less than zero");
    }
  }
}
