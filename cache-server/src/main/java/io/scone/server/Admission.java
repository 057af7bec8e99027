package io.scone.server;

import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The decision whether a request is let in: it is while what is under way is within the limits, in
 * all and on its connection. Nothing waits: what is not let in is refused at once.
 */
final class Admission {
  private final AdmissionConfig config;
  private final ServerMetrics metrics;
  private final InFlight all;

  Admission(AdmissionConfig config, ServerMetrics metrics) {
    this.config = config;
    this.metrics = metrics;
    this.all = new InFlight(config.maxRequestsInFlight(), config.maxBytesInFlight());
  }

  /** Returns what is under way on all connections. */
  InFlight all() {
    return all;
  }

  /** Returns the counters of a new connection. */
  InFlight connection() {
    return new InFlight(
        config.maxRequestsInFlightPerConnection(), config.maxBytesInFlightPerConnection());
  }

  /**
   * Lets a request of a connection in.
   *
   * @return what the request holds; it must be closed however the request ends
   * @throws StatusRuntimeException RESOURCE_EXHAUSTED if it is refused
   */
  Permit admit(InFlight connection) {
    if (!connection.addRequest()) {
      throw refused(LoadLimit.MAX_REQUESTS_IN_FLIGHT_PER_CONNECTION);
    }
    if (!all.addRequest()) {
      connection.removeRequest();
      throw refused(LoadLimit.MAX_REQUESTS_IN_FLIGHT);
    }
    return new Permit(connection);
  }

  private StatusRuntimeException refused(LoadLimit limit) {
    metrics.refused(limit);
    long millis = config.retryDelay().toMillis();
    long spread = millis / 2 + ThreadLocalRandom.current().nextLong(millis + 1);
    return Failures.overloaded(
        limit.fieldName(), limit.of(config), Duration.ofMillis(Math.max(1, spread)));
  }

  /**
   * What one request holds of the limits: itself, and the bytes of its reply. It is closed by the
   * event loop while another thread may still work for the request.
   */
  final class Permit {
    private final InFlight connection;
    private long bytes;
    private boolean closed;

    private Permit(InFlight connection) {
      this.connection = connection;
    }

    /**
     * Holds the bytes of a reply.
     *
     * @throws StatusRuntimeException RESOURCE_EXHAUSTED if there are too many, CANCELLED if the
     *     request has ended
     */
    synchronized void hold(long added) {
      if (closed) {
        throw Failures.cancelled();
      }
      if (!connection.addBytes(added)) {
        throw refused(LoadLimit.MAX_BYTES_IN_FLIGHT_PER_CONNECTION);
      }
      if (!all.addBytes(added)) {
        connection.removeBytes(added);
        throw refused(LoadLimit.MAX_BYTES_IN_FLIGHT);
      }
      bytes += added;
    }

    /** Gives back the bytes of the replies so far: they were written. */
    synchronized void releaseBytes() {
      connection.removeBytes(bytes);
      all.removeBytes(bytes);
      bytes = 0;
    }

    /** Gives back everything. */
    synchronized void close() {
      if (!closed) {
        closed = true;
        releaseBytes();
        connection.removeRequest();
        all.removeRequest();
      }
    }
  }
}
