package io.scone.server;

import io.grpc.Attributes;
import io.grpc.ServerTransportFilter;
import java.util.concurrent.atomic.AtomicInteger;

/** The open connections of a server, each with the counters of what is under way on it. */
final class Connections extends ServerTransportFilter {
  private static final Attributes.Key<InFlight> IN_FLIGHT =
      Attributes.Key.create("io.scone.server.in-flight");

  private final Admission admission;
  private final AtomicInteger open = new AtomicInteger();

  Connections(Admission admission) {
    this.admission = admission;
  }

  /** Returns the number of open connections. */
  int open() {
    return open.get();
  }

  /** Returns what is under way on the connection with these attributes. */
  static InFlight inFlight(Attributes connection) {
    return connection.get(IN_FLIGHT);
  }

  @Override
  public Attributes transportReady(Attributes attributes) {
    open.incrementAndGet();
    return attributes.toBuilder().set(IN_FLIGHT, admission.connection()).build();
  }

  @Override
  public void transportTerminated(Attributes attributes) {
    // A connection that never got ready, because its handshake failed, has no attributes of ours.
    if (attributes != null && inFlight(attributes) != null) {
      open.decrementAndGet();
    }
  }
}
