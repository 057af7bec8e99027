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
   * What one call holds of the limits: itself as a request, and the bytes of its requests and its
   * replies. It is closed by the event loop while another thread may still work for the call.
   */
  final class Permit {
    private final InFlight connection;
    private long requestBytes;
    private long replyBytes;
    private boolean closed;

    private Permit(InFlight connection) {
      this.connection = connection;
    }

    /**
     * Holds bytes of a request.
     *
     * @throws StatusRuntimeException RESOURCE_EXHAUSTED if there are too many, CANCELLED if the
     *     call has ended
     */
    synchronized void holdRequest(long added) {
      hold(added);
      requestBytes += added;
    }

    /** Gives back bytes of a request: they are in memory no more. */
    synchronized void releaseRequest(long released) {
      if (!closed) {
        requestBytes -= released;
        release(released);
      }
    }

    /**
     * Holds the bytes of a reply.
     *
     * @throws StatusRuntimeException as {@link #holdRequest} does
     */
    synchronized void holdReply(long added) {
      hold(added);
      replyBytes += added;
    }

    /** Gives back the bytes of the replies so far: they were written. */
    synchronized void releaseReplies() {
      release(replyBytes);
      replyBytes = 0;
    }

    /** Gives back everything. */
    synchronized void close() {
      if (!closed) {
        closed = true;
        releaseReplies();
        release(requestBytes);
        connection.removeRequest();
        all.removeRequest();
      }
    }

    private void hold(long added) {
      if (closed) {
        throw Failures.cancelled();
      }
      long own = requestBytes + replyBytes;
      if (!connection.addBytes(added, own)) {
        throw refused(LoadLimit.MAX_BYTES_IN_FLIGHT_PER_CONNECTION);
      }
      if (!all.addBytes(added, own)) {
        connection.removeBytes(added);
        throw refused(LoadLimit.MAX_BYTES_IN_FLIGHT);
      }
    }

    private void release(long released) {
      connection.removeBytes(released);
      all.removeBytes(released);
    }
  }
}
