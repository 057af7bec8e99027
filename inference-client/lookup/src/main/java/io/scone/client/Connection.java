package io.scone.client;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * The connections to a server: calls as futures, and failures as sentences.
 *
 * <p>Each connection has an event loop of its own, which reads replies and completes their futures.
 * A call goes over the connection with the fewest calls under way: calls that do not overlap all
 * take the first, whose path is warm, and those that do are read by several threads.
 *
 * <p>A small request for matches goes over a {@link MatchStream} first. Where that ends without its
 * reply, it is made again as a call of its own.
 *
 * <p>gRPC makes calls again, or hedges them, where no server could be reached. Here they are made
 * again where gRPC does not: where a server has too much to do and says when to ask it again, and
 * where it was lost after it had begun to answer.
 */
final class Connection implements AutoCloseable {
  private static final int CLOSE_TIMEOUT_SECONDS = 5;
  private static final int MAX_ATTEMPTS = 5;

  /** A request for about a hundred positions. */
  private static final int MAX_STREAMED_BYTES = 512;

  /** How long to wait after a server was lost that had begun to answer. */
  private static final long LOST_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  /** gRPC waits up to two minutes before it connects again; while there are calls, it is this. */
  private static final long RECONNECT_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private final ServerAddress address;
  private final ConnectionConfig config;
  private final Transport transport;
  private final CallFailure failures;
  private final Meter meter;
  private final CallOptions options;
  private final CallOptions streamOptions;
  private final boolean streams;
  private final List<Lane> lanes;

  /** Calls between two attempts, which nothing else would end. */
  private final Set<Call<?, ?>> paused = ConcurrentHashMap.newKeySet();

  private volatile boolean closed;

  /**
   * Makes the connections to an address.
   *
   * @param transport the event loops to use; they must be closed after the connections
   * @throws IllegalArgumentException if a file that the configuration names cannot be used
   */
  Connection(ServerAddress address, ConnectionConfig config, Transport transport, Meter meter) {
    this.address = address;
    this.config = config;
    this.transport = transport;
    this.failures = new CallFailure(address, config);
    this.meter = meter;
    CallOptions all = CallOptions.DEFAULT;
    if (config.token() != null) {
      all = all.withCallCredentials(config.token().credentials());
    }
    if (config.unavailable() == ConnectionConfig.Unavailable.WAIT) {
      all = all.withWaitForReady();
    }
    this.options = all.withStreamTracerFactory(meter.streams());
    this.streamOptions = all.withStreamTracerFactory(meter.sharedStreams());
    // Replicas are chosen, tokens sent and requests hedged by the call, and a stream fails for all.
    this.streams =
        !address.isReplicated()
            && config.token() == null
            && config.hedging() == null
            && config.unavailable() != ConnectionConfig.Unavailable.FAIL;
    this.lanes =
        Stream.generate(() -> new Lane(Channels.open(address, config, transport)))
            .limit(config.connections())
            .toList();
  }

  /** Makes one call; its future fails with a {@link SconeException}. */
  <Q, R> CompletableFuture<R> call(
      MethodDescriptor<Q, R> method, Q request, Deadline until, int maxReplyBytes) {
    Call<Q, R> call =
        new Call<>(
            method, request, options.withDeadline(until).withMaxInboundMessageSize(maxReplyBytes));
    call.attempt();
    return call.future;
  }

  /**
   * Makes one call for matches, over a stream if that may be; its future fails with a {@link
   * SconeException} or, when its time is over, a {@link TimeoutException}.
   */
  CompletableFuture<MatchReply> match(byte[] request, Deadline until, int maxReplyBytes) {
    Call<byte[], MatchReply> call =
        new Call<>(
            Methods.MATCH,
            request,
            options.withDeadline(until).withMaxInboundMessageSize(maxReplyBytes));
    if (!streams || request.length > MAX_STREAMED_BYTES || !stream(call, maxReplyBytes)) {
      call.attempt();
    }
    return call.future;
  }

  private boolean stream(Call<byte[], MatchReply> call, int maxReplyBytes) {
    Lane lane = leastBusy();
    if (lane.channel.getState(false) != ConnectivityState.READY) {
      return false;
    }
    call.lane = lane;
    call.streamed = true;
    call.attempts = 1;
    lane.underWay.incrementAndGet();
    Runnable cancel =
        lane.matches.send(
            call.request, streamOptions.withMaxInboundMessageSize(maxReplyBytes), call);
    if (cancel == null) {
      call.streamed = false;
      call.attempts = 0;
      lane.underWay.decrementAndGet();
      return false;
    }
    meter.requested();
    var unused =
        call.future
            .orTimeout(
                call.options.getDeadline().timeRemaining(TimeUnit.NANOSECONDS),
                TimeUnit.NANOSECONDS)
            .whenComplete(
                (reply, failed) -> {
                  if (failed instanceof TimeoutException) {
                    cancel.run();
                  }
                });
    return true;
  }

  /** Fails the calls under way and closes the connections. */
  @Override
  public void close() {
    closed = true;
    paused.forEach(Call::end);
    lanes.forEach(lane -> lane.channel.shutdownNow());
    if (!transport.isEventLoop()) {
      lanes.forEach(lane -> awaitTermination(lane.channel));
    }
  }

  /** Returns the address as it was given. */
  @Override
  public String toString() {
    return address.toString();
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

  /** One connection; with replicas, one to each. */
  private final class Lane {
    private final ManagedChannel channel;
    private final MatchStream matches;
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicBoolean watched = new AtomicBoolean();

    Lane(ManagedChannel channel) {
      this.channel = channel;
      this.matches = new MatchStream(channel, transport);
    }

    /** Has servers that cannot be reached be tried again soon, while there are calls for them. */
    void watch() {
      boolean wanting =
          address.isReplicated() || channel.getState(false) != ConnectivityState.READY;
      if (wanting && !closed && watched.compareAndSet(false, true)) {
        transport.schedule(this::reconnect, RECONNECT_NANOS);
      }
    }

    private void reconnect() {
      watched.set(false);
      channel.resetConnectBackoff();
      if (underWay.get() > 0) {
        watch();
      }
    }
  }

  /** One call with all its attempts; it listens to each. */
  private final class Call<Q, R> extends ClientCall.Listener<R> {
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final CallOptions options;
    private final CompletableFuture<R> future = new CompletableFuture<>();
    private Lane lane;
    private int attempts;
    private boolean streamed;
    private boolean begun;
    private SconeException failure;
    private R reply;

    Call(MethodDescriptor<Q, R> method, Q request, CallOptions options) {
      this.method = method;
      this.request = request;
      this.options = options;
    }

    void attempt() {
      attempts++;
      begun = false;
      reply = null;
      lane = leastBusy();
      lane.underWay.incrementAndGet();
      lane.watch();
      ClientCall<Q, R> call = lane.channel.newCall(method, options);
      call.start(this, new Metadata());
      call.request(2); // one more than there may be: gRPC refuses a second
      call.sendMessage(request);
      call.halfClose();
    }

    @Override
    public void onHeaders(Metadata headers) {
      begun = true;
    }

    @Override
    public void onMessage(R message) {
      reply = message;
    }

    /** A reply counts only now: the call may still fail after its message came. */
    @Override
    public void onClose(Status status, Metadata trailers) {
      lane.underWay.decrementAndGet();
      if (future.isDone()) {
        return; // its time was over on a stream
      }
      if (status.isOk() && reply != null) {
        future.complete(reply);
        return;
      }
      Status ended =
          status.isOk() ? Status.INTERNAL.withDescription("the server sent no reply") : status;
      failure = failures.of(ended, trailers);
      boolean shared = streamed;
      streamed = false;
      if (shared && failure.retryDelay().isEmpty()) {
        attempt(); // another request may have ended the stream
        return;
      }
      long pause = pause(ended.getCode());
      if (pause < 0 || options.getDeadline().timeRemaining(TimeUnit.NANOSECONDS) < pause) {
        end();
        return;
      }
      paused.add(this);
      if (closed) {
        end();
      } else {
        transport.schedule(this::resume, pause);
      }
    }

    private void resume() {
      if (paused.remove(this)) {
        attempt();
      }
    }

    /** Ends the call with the failure of its last attempt. */
    void end() {
      paused.remove(this);
      future.completeExceptionally(failure);
    }

    /** Returns after how many nanoseconds to try again, or -1 for not at all. */
    private long pause(Status.Code code) {
      if (attempts == MAX_ATTEMPTS || config.unavailable() == ConnectionConfig.Unavailable.FAIL) {
        return -1;
      }
      long first;
      if (code == Status.Code.RESOURCE_EXHAUSTED && failure.retryDelay().isPresent()) {
        meter.overloaded();
        first = failure.retryDelay().get().toNanos();
      } else if (code == Status.Code.CANCELLED || (code == Status.Code.UNAVAILABLE && begun)) {
        first = LOST_NANOS;
      } else {
        return -1;
      }
      // Longer each time, and not all clients at once.
      double growth = (1 << (attempts - 1)) * (1 + ThreadLocalRandom.current().nextDouble() / 2);
      return (long) (first * growth);
    }
  }
}
