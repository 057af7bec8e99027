package io.scone.server;

import io.grpc.BindableService;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.protobuf.services.HealthStatusManager;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.TableServiceGrpc;
import java.util.List;

/**
 * Whether a server takes requests, told by the standard health service for each of its services.
 */
final class Health {
  private static final List<String> SERVICES =
      List.of(
          HealthStatusManager.SERVICE_NAME_ALL_SERVICES,
          EmbeddingServiceGrpc.SERVICE_NAME,
          TableServiceGrpc.SERVICE_NAME);

  private final HealthStatusManager manager = new HealthStatusManager();
  private volatile boolean serving;

  /** Makes the health of a server that does not take requests yet. */
  Health() {
    SERVICES.forEach(name -> manager.setStatus(name, ServingStatus.NOT_SERVING));
  }

  BindableService service() {
    return manager.getHealthService();
  }

  boolean isServing() {
    return serving;
  }

  /** Says that tables can be administered, though none is served yet. */
  void serveAdministration() {
    manager.setStatus(TableServiceGrpc.SERVICE_NAME, ServingStatus.SERVING);
  }

  /** Says that the server takes requests. */
  void serve() {
    serving = true;
    SERVICES.forEach(name -> manager.setStatus(name, ServingStatus.SERVING));
  }

  /** Says, for good, that the server takes no new requests, or soon will not. */
  void stop() {
    serving = false;
    manager.enterTerminalState();
  }
}
