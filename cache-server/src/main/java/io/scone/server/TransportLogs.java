package io.scone.server;

import java.util.List;
import java.util.logging.Level;
import java.util.logging.Logger;

/** What gRPC's transport logs: only what an operator can act on. */
final class TransportLogs {
  /*
   * A client that cancels a call or sends a frame that is wrong would otherwise write a stack trace
   * into the server's log each time. The loggers are kept here because the logging system forgets a
   * level with its logger.
   */
  private static final List<Logger> CAUSED_BY_CLIENTS =
      List.of(
          Logger.getLogger("io.grpc.netty.NettyServerHandler"),
          Logger.getLogger("io.grpc.netty.NettyServerStream"));

  private TransportLogs() {}

  /** Leaves out what clients cause. */
  static void quieten() {
    CAUSED_BY_CLIENTS.forEach(logger -> logger.setLevel(Level.SEVERE));
  }
}
