package io.scone.server;

import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.ServerStreamTracer;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Set;

/**
 * One call from its headers to the last byte of its reply, and what it holds of the server's limits
 * meanwhile.
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
  private StatusRuntimeException refusal;

  private ServedCall(Factory factory) {
    this.factory = factory;
  }

  /** Returns the call that the current thread works for. */
  static ServedCall current() {
    return CURRENT.get();
  }

  /** Returns why the call must end at once, or null if it is let in. */
  StatusRuntimeException refusal() {
    return refusal;
  }

  /** Returns what the call holds, or null if its method is never refused. */
  Admission.Permit permit() {
    return permit;
  }

  @Override
  public Context filterContext(Context context) {
    return context.withValue(CURRENT, this);
  }

  @Override
  public void serverCallStarted(ServerCallInfo<?, ?> call) {
    if (factory.limitedMethods.contains(call.getMethodDescriptor().getFullMethodName())) {
      try {
        permit = factory.admission.admit(Connections.inFlight(call.getAttributes()));
      } catch (StatusRuntimeException e) {
        refusal = e;
      }
    }
  }

  @Override
  public void streamClosed(Status status) {
    if (permit != null) {
      permit.close();
    }
  }

  /** Makes the record of each call. */
  static final class Factory extends ServerStreamTracer.Factory {
    private final Admission admission;
    private final Set<String> limitedMethods;

    /**
     * Makes a factory.
     *
     * @param limitedMethods the full names of the methods whose calls count against the limits
     */
    Factory(Admission admission, Set<String> limitedMethods) {
      this.admission = admission;
      this.limitedMethods = limitedMethods;
    }

    @Override
    public ServerStreamTracer newServerStreamTracer(String fullMethodName, Metadata headers) {
      return new ServedCall(this);
    }
  }
}
