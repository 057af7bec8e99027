package io.scone.server;

import io.scone.v1.Limits;
import java.time.Duration;

/**
 * How much may be under way at once before requests are refused.
 *
 * <p>A request is in flight from its first header to the last byte of its reply; an open stream
 * counts as one request, busy or not, because it may become busy at any moment. The bytes of a
 * request are in flight as they arrive, and ten times as many once it is taken apart, until its
 * reply is made. The bytes of a reply are in flight from before its rows are read until they were
 * written to the network, so a client that reads slowly fills its share and no more. A request that
 * is alone is always let through with its reply, however large the request limits let them be.
 *
 * @param maxRequestsInFlight requests of all connections
 * @param maxRequestsInFlightPerConnection requests of one connection
 * @param maxBytesInFlight bytes of the requests and replies of all connections
 * @param maxBytesInFlightPerConnection bytes of the requests and replies of one connection
 * @param retryDelay how long a refused caller is asked to wait, on average, in 1 ms to 1 minute;
 *     each is told another time about it, so that they do not come back all at once
 */
public record AdmissionConfig(
    int maxRequestsInFlight,
    int maxRequestsInFlightPerConnection,
    long maxBytesInFlight,
    long maxBytesInFlightPerConnection,
    Duration retryDelay) {
  private static final Duration LONGEST_RETRY_DELAY = Duration.ofMinutes(1);

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if one is out of bounds, or one connection may hold more than
   *     all
   */
  public AdmissionConfig {
    checkPair("max_requests_in_flight", maxRequestsInFlight, maxRequestsInFlightPerConnection);
    checkPair("max_bytes_in_flight", maxBytesInFlight, maxBytesInFlightPerConnection);
    if (retryDelay.toMillis() < 1 || retryDelay.compareTo(LONGEST_RETRY_DELAY) > 0) {
      throw new IllegalArgumentException(
          "retry delay is " + retryDelay + ", not in 1 ms to 1 minute");
    }
  }

  /** Returns the limits of a server that is told no others. */
  public static AdmissionConfig defaults() {
    return new AdmissionConfig(1024, 256, 256L << 20, 128L << 20, Duration.ofMillis(100));
  }

  /** Adds these limits to those that clients are told. */
  void tell(Limits.Builder limits) {
    limits
        .setMaxRequestsInFlight(maxRequestsInFlight)
        .setMaxRequestsInFlightPerConnection(maxRequestsInFlightPerConnection)
        .setMaxBytesInFlight(maxBytesInFlight)
        .setMaxBytesInFlightPerConnection(maxBytesInFlightPerConnection);
  }

  private static void checkPair(String name, long all, long perConnection) {
    if (all < 1) {
      throw new IllegalArgumentException(name + " is " + all + ", less than 1");
    }
    if (perConnection < 1 || perConnection > all) {
      throw new IllegalArgumentException(
          name + "_per_connection is " + perConnection + ", not in 1.." + all);
    }
  }
}
