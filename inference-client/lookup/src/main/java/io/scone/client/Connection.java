package io.scone.client;

import io.grpc.CallOptions;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.scone.v1.EmbeddingServiceGrpc;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The connections to a server: calls as futures, and failures as sentences.
 *
 * <p>Each connection has an event loop of its own, which reads replies and completes their futures.
 * A call goes over the connection with the fewest calls under way: calls that do not overlap all
 * take the first, whose path is warm, and those that do are read by several threads.
 */
final class Connection implements AutoCloseable {
  private static final int FLOW_CONTROL_WINDOW = 8 << 20;
  private static final int CLOSE_TIMEOUT_SECONDS = 5;

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
  private final Transport transport;
  private final List<Lane> lanes;

  Connection(String host, int port, int connections) {
    address = host + ":" + port;
    transport = new Transport(connections);
    lanes = Stream.generate(() -> new Lane(channel(host, port))).limit(connections).toList();
  }

  private ManagedChannel channel(String host, int port) {
    return NettyChannelBuilder.forAddress(host, port)
        .usePlaintext()
        .channelType(transport.channelType())
        .eventLoopGroup(transport.loops())
        .directExecutor()
        .flowControlWindow(FLOW_CONTROL_WINDOW)
        .defaultServiceConfig(RETRIES)
        .build();
  }

  /** Makes one call; its future fails with a {@link SconeException}. */
  <Q, R> CompletableFuture<R> call(
      MethodDescriptor<Q, R> method, Q request, Deadline deadline, int maxReplyBytes) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadline(deadline).withMaxInboundMessageSize(maxReplyBytes);
    Lane lane = leastBusy();
    Reply<R> reply = new Reply<>(lane);
    ClientCalls.asyncUnaryCall(lane.channel.newCall(method, options), request, reply);
    return reply.future;
  }

  /** Says whether this thread reads replies, and so must not wait for one. */
  boolean isEventLoop() {
    return transport.isEventLoop();
  }

  /**
   * Waits for a call.
   *
   * @throws SconeException if it fails
   * @throws IllegalStateException on a thread that reads replies
   */
  <R> R await(CompletableFuture<R> future) {
    if (!future.isDone() && isEventLoop()) {
      throw new IllegalStateException(
          "a thread that reads replies cannot wait for one; chain the work with thenApplyAsync");
    }
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SconeException failure) {
        // A new exception: its stack trace is the caller's, that of the cause the network's.
        throw new SconeException(failure.code(), failure.getMessage(), failure);
      }
      throw new IllegalStateException("a call failed in an unforeseen way", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SconeException(Status.Code.CANCELLED, "interrupted while waiting", e);
    }
  }

  /** Fails the calls under way and closes the connections. */
  @Override
  public void close() {
    lanes.forEach(lane -> lane.channel.shutdownNow());
    if (!isEventLoop()) {
      lanes.forEach(lane -> awaitTermination(lane.channel));
    }
    transport.close();
  }

  /** Waits until a channel's calls have been told, for which it needs its event loop. */
  private static void awaitTermination(ManagedChannel channel) {
    try {
      var unused = channel.awaitTermination(CLOSE_TIMEOUT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Lane leastBusy() {
    Lane best = lanes.get(0);
    for (Lane lane : lanes) {
      if (lane.underWay.get() < best.underWay.get()) {
        best = lane;
      }
    }
    return best;
  }

  private SconeException failure(Throwable t) {
    Status status = Status.fromThrowable(t);
    if (status.getCode() == Status.Code.CANCELLED
        && status.getCause() instanceof StatusRuntimeException unreadable) {
      status = unreadable.getStatus(); // gRPC cancels a call whose reply cannot be read
    }
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

  /** One connection. */
  private static final class Lane {
    private final ManagedChannel channel;
    private final AtomicInteger underWay = new AtomicInteger();

    Lane(ManagedChannel channel) {
      this.channel = channel;
    }
  }

  private final class Reply<R> implements StreamObserver<R> {
    private final CompletableFuture<R> future = new CompletableFuture<>();
    private final Lane lane;
    private R message;

    Reply(Lane lane) {
      this.lane = lane;
      lane.underWay.incrementAndGet();
    }

    @Override
    public void onNext(R message) {
      this.message = message;
    }

    @Override
    public void onError(Throwable t) {
      lane.underWay.decrementAndGet();
      future.completeExceptionally(failure(t));
    }

    /** A reply counts only now: the call may still fail after its message came. */
    @Override
    public void onCompleted() {
      lane.underWay.decrementAndGet();
      future.complete(message);
    }
  }
}
