package io.scone.cli;

import io.scone.server.ConnectionConfig;
import picocli.CommandLine.Option;

/** How many connections a server takes, and what it lets each do; a mixin. */
final class ConnectionOptions {
  private static final ConnectionConfig DEFAULTS = ConnectionConfig.defaults();

  @Option(
      names = "--max-connections",
      paramLabel = "N",
      description = "The most connections at once; more are closed as they are made.")
  private int maxConnections = DEFAULTS.maxConnections();

  @Option(
      names = "--max-calls-per-connection",
      paramLabel = "N",
      description = "The most calls of any kind at once on one connection.")
  private int maxCalls = DEFAULTS.maxCalls();

  @Option(
      names = "--max-header-bytes",
      paramLabel = "SIZE",
      description = "The most bytes of a call's headers.")
  private MemorySize maxHeaderBytes = new MemorySize(DEFAULTS.maxHeaderBytes());

  @Option(
      names = "--max-resets-per-second",
      paramLabel = "N",
      description = "The most calls that one connection may cancel in a second.")
  private int maxResetsPerSecond = DEFAULTS.maxResetsPerSecond();

  @Option(
      names = "--handshake-timeout",
      paramLabel = "TIME",
      description = "How long a new connection may take to speak HTTP/2.")
  private TimeSpan handshakeTimeout = new TimeSpan(DEFAULTS.handshakeTimeout());

  @Option(
      names = "--keepalive-time",
      paramLabel = "TIME",
      description = "After how long a silence the server asks whether a client is still there.")
  private TimeSpan keepAliveTime = new TimeSpan(DEFAULTS.keepAliveTime());

  @Option(
      names = "--keepalive-timeout",
      paramLabel = "TIME",
      description = "How long the client may take to answer.")
  private TimeSpan keepAliveTimeout = new TimeSpan(DEFAULTS.keepAliveTimeout());

  @Option(
      names = "--min-client-keepalive",
      paramLabel = "TIME",
      description = "How often a client may ask that; one that asks more often is disconnected.")
  private TimeSpan minClientKeepAlive = new TimeSpan(DEFAULTS.minClientKeepAlive());

  @Option(
      names = "--max-connection-idle",
      paramLabel = "TIME",
      description = "After how long without calls a connection is closed; 0s for never.")
  private TimeSpan maxIdle = new TimeSpan(DEFAULTS.maxIdle());

  @Option(
      names = "--max-connection-age",
      paramLabel = "TIME",
      description = "At what age a connection's client is told to make another; 0s for never.")
  private TimeSpan maxAge = new TimeSpan(DEFAULTS.maxAge());

  @Option(
      names = "--max-connection-age-grace",
      paramLabel = "TIME",
      description = "How long the calls under way at that age may take to end.")
  private TimeSpan maxAgeGrace = new TimeSpan(DEFAULTS.maxAgeGrace());

  ConnectionConfig config() {
    return new ConnectionConfig(
        maxConnections,
        maxCalls,
        (int) Math.min(maxHeaderBytes.bytes(), Integer.MAX_VALUE),
        maxResetsPerSecond,
        handshakeTimeout.duration(),
        keepAliveTime.duration(),
        keepAliveTimeout.duration(),
        minClientKeepAlive.duration(),
        maxIdle.duration(),
        maxAge.duration(),
        maxAgeGrace.duration());
  }
}
