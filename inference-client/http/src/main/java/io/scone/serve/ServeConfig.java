package io.scone.serve;

import java.time.Duration;
import java.util.Optional;

/**
 * How a server of generation is reached and what it takes.
 *
 * @param host the name or address to listen on
 * @param port the port; 0 for any free one
 * @param model the name that requests call the model by
 * @param modelFingerprint what replies name as the system's fingerprint
 * @param apiKey what callers have to bring as a bearer token; empty to let everyone call
 * @param limits the most that a connection or a request may take
 * @param idleTimeout how long a connection stays open on which no request is under way
 * @param drainTimeout how long requests under way may take to end when the server stops
 */
public record ServeConfig(
    String host,
    int port,
    String model,
    String modelFingerprint,
    Optional<ApiKey> apiKey,
    Limits limits,
    Duration idleTimeout,
    Duration drainTimeout) {
  private static final int MAX_PORT = 65535;

  /**
   * The most that a connection or a request may take.
   *
   * @param connections connections that are open at once
   * @param headerBytes bytes of a request's headers
   * @param bodyBytes bytes of a request's body
   */
  public record Limits(int connections, int headerBytes, int bodyBytes) {
    /** Returns 8,192 connections, 16 KiB of headers and 1 MiB of body. */
    public static Limits defaults() {
      return new Limits(8192, 16 << 10, 1 << 20);
    }

    /** Checks the bounds. */
    public Limits {
      positive(connections, "connections");
      positive(headerBytes, "header bytes");
      positive(bodyBytes, "body bytes");
    }

    private static void positive(int value, String name) {
      if (value < 1) {
        throw new IllegalArgumentException(name + " are " + value + ", fewer than 1");
      }
    }
  }

  /** Checks the bounds. */
  public ServeConfig {
    if (port < 0 || port > MAX_PORT) {
      throw new IllegalArgumentException("port is " + port + ", not in 0..65535");
    }
    if (model.isEmpty()) {
      throw new IllegalArgumentException("the model's name is empty");
    }
    if (idleTimeout.isNegative() || idleTimeout.isZero()) {
      throw new IllegalArgumentException("idle timeout is " + idleTimeout + ", not above 0");
    }
    if (drainTimeout.isNegative()) {
      throw new IllegalArgumentException("drain timeout is " + drainTimeout + ", below 0");
    }
  }
}
