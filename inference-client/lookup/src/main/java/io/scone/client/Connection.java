package io.scone.client;

import io.grpc.CallOptions;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.scone.v1.EmbeddingServiceGrpc;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The connection to a server: calls as futures, and failures as sentences. */
final class Connection implements AutoCloseable {
  private static final int FLOW_CONTROL_WINDOW = 8 << 20;

  /** Calls change nothing on the server, so one that did not reach it may be made again. */
  private static final Map<String, ?> RETRIES =
      Map.of(
          "methodConfig",
          List.of(
              Map.of(
                  "name",
                  List.of(Map.of("service", EmbeddingServiceGrpc.SERVICE_NAME)),
                  "retryPolicy",
                  Map.of(
                      "maxAttempts",
                      4.0,
                      "initialBackoff",
                      "0.1s",
                      "maxBackoff",
                      "1s",
                      "backoffMultiplier",
                      2.0,
                      "retryableStatusCodes",
                      List.of("UNAVAILABLE")))));

  private final String address;
  private final ManagedChannel channel;

  Connection(String host, int port) {
    address = host + ":" + port;
    channel =
        NettyChannelBuilder.forAddress(host, port)
            .usePlaintext()
            .flowControlWindow(FLOW_CONTROL_WINDOW)
            .defaultServiceConfig(RETRIES)
            .build();
  }

  /** Makes one call; its future fails with a {@link SconeException}. */
  <Q, R> CompletableFuture<R> call(
      MethodDescriptor<Q, R> method, Q request, Deadline deadline, int maxReplyBytes) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadline(deadline).withMaxInboundMessageSize(maxReplyBytes);
    Reply<R> reply = new Reply<>();
    ClientCalls.asyncUnaryCall(channel.newCall(method, options), request, reply);
    return reply.future;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  private SconeException failure(Throwable t) {
    Status status = Status.fromThrowable(t);
    String description = status.getDescription();
    String message =
        switch (status.getCode()) {
          case UNAVAILABLE ->
              "the cache server at " + address + " cannot be reached: " + reason(status);
          case DEADLINE_EXCEEDED -> "the cache server at " + address + " did not answer in time";
          default -> description == null ? status.getCode().toString() : description;
        };
    return new SconeException(status.getCode(), message, t);
  }

  private static String reason(Status status) {
    return status.getCause() == null ? status.getDescription() : status.getCause().getMessage();
  }

  private final class Reply<R> implements StreamObserver<R> {
    private final CompletableFuture<R> future = new CompletableFuture<>();
    private R message;

    @Override
    public void onNext(R message) {
      this.message = message;
    }

    @Override
    public void onError(Throwable t) {
      future.completeExceptionally(failure(t));
    }

    /** A reply counts only now: the call may still fail after its message came. */
    @Override
    public void onCompleted() {
      future.complete(message);
    }
  }
}
