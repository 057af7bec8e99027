package io.scone.server;

import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The open calls of those who only watch the server: its health, its reflection. They never end by
 * themselves, so the server ends them when it stops; else it would wait for them in vain.
 */
final class ObserverCalls implements ServerInterceptor {
  private final Set<EndableCall<?, ?>> open = ConcurrentHashMap.newKeySet();
  private volatile boolean ended;

  /** Ends the open calls, and from now on each new one, with UNAVAILABLE. */
  void end() {
    ended = true;
    open.forEach(EndableCall::end);
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    EndableCall<Q, R> endable = new EndableCall<>(call);
    ServerCall.Listener<Q> listener = next.startCall(endable, headers);
    open.add(endable);
    if (ended) {
      endable.end();
    }
    return new ForgettingListener<>(listener, endable);
  }

  /** A call that another thread than its own may end; what comes afterwards is dropped. */
  private static final class EndableCall<Q, R> extends SimpleForwardingServerCall<Q, R> {
    private boolean closed;

    EndableCall(ServerCall<Q, R> call) {
      super(call);
    }

    void end() {
      close(Status.UNAVAILABLE.withDescription("the server is stopping"), new Metadata());
    }

    @Override
    public synchronized void sendHeaders(Metadata headers) {
      if (!closed) {
        super.sendHeaders(headers);
      }
    }

    @Override
    public synchronized void sendMessage(R message) {
      if (!closed) {
        super.sendMessage(message);
      }
    }

    @Override
    public synchronized void close(Status status, Metadata trailers) {
      if (!closed) {
        closed = true;
        super.close(status, trailers);
      }
    }
  }

  /** Forgets a call that has ended. */
  private final class ForgettingListener<Q> extends SimpleForwardingServerCallListener<Q> {
    private final EndableCall<Q, ?> call;

    ForgettingListener(ServerCall.Listener<Q> listener, EndableCall<Q, ?> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onComplete() {
      open.remove(call);
      super.onComplete();
    }

    @Override
    public void onCancel() {
      open.remove(call);
      super.onCancel();
    }
  }
}
