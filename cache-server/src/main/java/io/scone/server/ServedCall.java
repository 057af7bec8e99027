package io.scone.server;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.scone.server.CallMetrics.Stage;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * One call from its headers to the last byte of its reply, and what it holds of the server's limits
 * meanwhile.
 *
 * <p>Each request of a stream is counted and timed as if it had a call of its own, from its first
 * byte; the stream itself is counted only where it fails before a request has come.
 */
final class ServedCall extends ServerStreamTracer {
  /*
   * gRPC starts a tracer on the connection's event loop, before anything is queued, and closes it
   * there exactly once however the call ends: when its last frame was written, when it is
   * cancelled, or when the connection breaks.
   */

  private static final Context.Key<ServedCall> CURRENT = Context.key("io.scone.server.call");

  private final Factory factory;
  private Admission.Permit permit;
  private volatile StatusRuntimeException refusal;
  private Consumer<StatusRuntimeException> end;
  private CallMetrics metrics;

  private boolean streamed;
  private boolean requested;

  private final long startedAt = System.nanoTime();

  /** When the first byte came of a stream's request that no thread has taken up; 0 for none. */
  private final AtomicLong arrivingSince = new AtomicLong();

  /** The same of the stream's request that was taken up last, until its reply is written. */
  private final AtomicLong takenSince = new AtomicLong();

  private long requestAt;
  private long requestBytes;
  private long workAt;
  private long rowsAt;

  /** When the reply under way was handed to gRPC; 0 while there is none. */
  private volatile long sentAt;

  private ServedCall(Factory factory) {
    this.factory = factory;
    this.metrics = factory.metrics.unknownCalls();
  }

  /** Returns the call that the current thread works for. */
  static ServedCall current() {
    return CURRENT.get();
  }

  /** Returns why the call must end at once, or null while it is let in. */
  StatusRuntimeException refusal() {
    return refusal;
  }

  /**
   * Sets what ends the call if it is refused once its request arrives, on the event loop. Nothing
   * arrives before the call's handler is asked for a listener.
   */
  void onRefusal(Consumer<StatusRuntimeException> end) {
    this.end = end;
  }

  /** Returns what the call holds, or null if its method is never refused. */
  Admission.Permit permit() {
    return permit;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(CURRENT, this);
  }

  /** Says that a thread takes the request up; returns the bytes that came in for it. */
  long requestTaken() {
    takenSince.set(arrivingSince.getAndSet(0)); // the next is not asked for before its reply
    workAt = System.nanoTime();
    metrics.record(Stage.QUEUE, workAt - requestAt);
    return requestBytes;
  }

  /** Says that the reply is known but for its rows, which are read next. */
  void replyBegun() {
    rowsAt = System.nanoTime();
    metrics.record(Stage.MATCH, rowsAt - workAt);
  }

  /** Says that gRPC has the whole reply. */
  void replySent() {
    long now = System.nanoTime();
    metrics.record(Stage.STORE, now - rowsAt);
    sentAt = now;
  }

  /** Says that the network has taken the replies so far. */
  void replyWritten() {
    permit.releaseReplies();
    recordWrite();
    recordEnd(takenSince, Status.Code.OK);
  }

  @Override
  public void serverCallStarted(ServerCallInfo<?, ?> call) {
    String method = call.getMethodDescriptor().getFullMethodName();
    boolean limited = factory.limitedMethods.contains(method);
    metrics = factory.metrics.calls(method, limited);
    if (limited) {
      streamed = !call.getMethodDescriptor().getType().clientSendsOneMessage();
      try {
        permit = factory.admission.admit(Connections.inFlight(call.getAttributes()));
      } catch (StatusRuntimeException e) {
        refusal = e;
      }
    }
  }

  @Override
  public void inboundMessageRead(int sequence, long wireBytes, long bytes) {
    requestBegun(); // an empty one has no bytes that came before
    requestAt = System.nanoTime();
    requestBytes = wireBytes;
  }

  @Override
  public void inboundWireSize(long bytes) {
    factory.metrics.received(bytes);
    requestBegun();
    if (permit != null && refusal == null) {
      try {
        permit.holdRequest(bytes);
      } catch (StatusRuntimeException e) {
        refusal = e;
        end.accept(e);
      }
    }
  }

  @Override
  public void outboundWireSize(long bytes) {
    factory.metrics.sent(bytes);
  }

  @Override
  public void streamClosed(Status status) {
    recordWrite();
    if (requested) {
      recordEnd(takenSince, status.getCode());
      recordEnd(arrivingSince, status.getCode());
    } else if (!streamed || !status.isOk()) {
      metrics.ended(status.getCode(), System.nanoTime() - startedAt);
    }
    if (permit != null) {
      permit.close();
    }
  }

  private void requestBegun() {
    if (streamed && arrivingSince.get() == 0) {
      requested = true;
      arrivingSince.set(System.nanoTime());
    }
  }

  private void recordEnd(AtomicLong since, Status.Code code) {
    long begun = since.getAndSet(0);
    if (begun != 0) {
      metrics.ended(code, System.nanoTime() - begun);
    }
  }

  private void recordWrite() {
    long sent = sentAt;
    if (sent != 0) {
      sentAt = 0;
      metrics.record(Stage.WRITE, System.nanoTime() - sent);
    }
  }

  /** Makes the record of each call. */
  static final class Factory extends ServerStreamTracer.Factory {
    private final Admission admission;
    private final ServerMetrics metrics;
    private final Set<String> limitedMethods;

    /**
     * Makes a factory.
     *
     * @param limitedMethods the full names of the methods whose calls count against the limits
     */
    Factory(Admission admission, ServerMetrics metrics, Set<String> limitedMethods) {
      this.admission = admission;
      this.metrics = metrics;
      this.limitedMethods = limitedMethods;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      return new ServedCall(this);
    }
  }
}
