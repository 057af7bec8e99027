package io.scone.server;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.KnownLength;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The gate before a service: calls that were not let in end here, requests that are too large or no
 * protobuf at all are answered before they are worked on, and the bytes of requests and replies are
 * counted while they are under way.
 */
final class RequestGuard {
  /**
   * What a byte of a request takes in memory once the request is taken apart: a token takes a byte
   * of the message at least, then up to 6 in the list that the message is read into, which may have
   * half of its length to spare, and 4 in the array that is searched for.
   */
  static final int BYTES_TAKEN_APART = 10;

  private static final MethodDescriptor.Marshaller<InputStream> BYTES = new AsBytes();

  private final RequestLimits limits;

  RequestGuard(RequestLimits limits) {
    this.limits = limits;
  }

  /** Returns the service with its gate. */
  ServerServiceDefinition guard(ServerServiceDefinition service) {
    return ServerInterceptors.intercept(
        ServerInterceptors.useMarshalledMessages(service, BYTES), new Gate());
  }

  /** Every message of the service passes as a stream of bytes, whose length is known. */
  private final class Gate implements ServerInterceptor {
    @Override
    @SuppressWarnings("unchecked") // the service's messages are streams now
    public <Q, R> ServerCall.Listener<Q> interceptCall(
        ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
      ServedCall served = ServedCall.current();
      if (served.refusal() != null) {
        close(call, served.refusal());
        return new ServerCall.Listener<>() {};
      }
      return (ServerCall.Listener<Q>)
          intercept(
              served,
              (ServerCall<InputStream, InputStream>) call,
              headers,
              (ServerCallHandler<InputStream, InputStream>) next);
    }

    private ServerCall.Listener<InputStream> intercept(
        ServedCall served,
        ServerCall<InputStream, InputStream> call,
        Metadata headers,
        ServerCallHandler<InputStream, InputStream> next) {
      if (served.permit() == null) {
        return new CheckedRequests(next.startCall(call, headers), call);
      }
      CountedReplies counted = new CountedReplies(call, served);
      served.onRefusal(failure -> close(counted, failure));
      return new CountedRequests(next.startCall(counted, headers), counted);
    }
  }

  /**
   * Holds the bytes of each reply from before its rows are read. The call is closed once: the event
   * loop may refuse it while its own thread does.
   */
  private static final class CountedReplies
      extends SimpleForwardingServerCall<InputStream, InputStream> {
    private final ServedCall served;
    private final AtomicBoolean closed = new AtomicBoolean();

    CountedReplies(ServerCall<InputStream, InputStream> call, ServedCall served) {
      super(call);
      this.served = served;
    }

    @Override
    public void sendMessage(InputStream reply) {
      served.replyBegun();
      served.permit().holdReply(length(reply));
      super.sendMessage(reply);
      served.replySent();
      checkWritten();
    }

    @Override
    public void close(Status status, Metadata trailers) {
      if (closed.compareAndSet(false, true)) {
        super.close(status, trailers);
      }
    }

    boolean isStream() {
      return !getMethodDescriptor().getType().serverSendsOneMessage();
    }

    /**
     * Gives back the bytes of a stream's replies once gRPC wants more, and so holds no more than a
     * few kilobytes. A call of one reply gives them back when it ends.
     */
    void checkWritten() {
      if (isStream() && isReady()) {
        served.replyWritten();
      }
    }

    private static int length(InputStream reply) {
      try {
        return reply.available();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Checks each request before anyone takes it apart. */
  private class CheckedRequests extends SimpleForwardingServerCallListener<InputStream> {
    private final ServerCall<InputStream, InputStream> call;
    private boolean refused;

    CheckedRequests(
        ServerCall.Listener<InputStream> listener, ServerCall<InputStream, InputStream> call) {
      super(listener);
      this.call = call;
    }

    @Override
    public void onMessage(InputStream request) {
      try {
        InputStream checked = withinLimit(request);
        takenApart(checked.available());
        super.onMessage(checked);
      } catch (IOException e) {
        refuse(Failures.malformed("", "the request cannot be read: " + e.getMessage()));
      } catch (StatusRuntimeException e) {
        boolean malformed = e.getCause() instanceof InvalidProtocolBufferException;
        refuse(
            malformed
                ? Failures.malformed("", "the request is no message of this method: it is damaged")
                : e);
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        super.onHalfClose();
      }
    }

    @Override
    public void onReady() {
      if (!refused) {
        super.onReady();
      }
    }

    /** Is told of the length of a request that is to be taken apart. */
    void takenApart(int length) {}

    private InputStream withinLimit(InputStream request) throws IOException {
      int most = (int) limits.maxRequestBytes();
      if (request instanceof KnownLength) {
        checkLength(request.available(), most);
        return request;
      }
      // A compressed request tells its length only by being read.
      byte[] bytes = request.readNBytes(most + 1);
      checkLength(bytes.length, most);
      return new ByteArrayInputStream(bytes);
    }

    private void checkLength(int length, int most) {
      if (length > most) {
        throw Failures.overLimit(
            "", "the request takes " + length + " bytes", "max_request_bytes", most);
      }
    }

    private void refuse(StatusRuntimeException failure) {
      refused = true;
      close(call, failure);
    }
  }

  /** Checks, counts and times the requests of a call that counts against the limits. */
  private final class CountedRequests extends CheckedRequests {
    private final CountedReplies replies;
    private long bytesTakenApart;

    CountedRequests(ServerCall.Listener<InputStream> listener, CountedReplies replies) {
      super(listener, replies);
      this.replies = replies;
    }

    @Override
    public void onMessage(InputStream request) {
      if (isRefused()) {
        return;
      }
      long arrived = replies.served.requestTaken();
      super.onMessage(request);
      replies.served.permit().releaseRequest(arrived);
      if (replies.isStream()) {
        releaseTakenApart();
      }
    }

    @Override
    void takenApart(int length) {
      long bytes = (long) length * BYTES_TAKEN_APART;
      replies.served.permit().holdRequest(bytes);
      bytesTakenApart += bytes;
    }

    @Override
    public void onHalfClose() {
      if (!isRefused()) {
        super.onHalfClose();
        releaseTakenApart();
      }
    }

    @Override
    public void onReady() {
      replies.checkWritten();
      super.onReady();
    }

    /** Says whether the call was refused as its request arrived. */
    private boolean isRefused() {
      return replies.served.refusal() != null;
    }

    private void releaseTakenApart() {
      replies.served.permit().releaseRequest(bytesTakenApart);
      bytesTakenApart = 0;
    }
  }

  private static void close(ServerCall<?, ?> call, StatusRuntimeException failure) {
    Metadata trailers = Status.trailersFromThrowable(failure);
    call.close(failure.getStatus(), trailers == null ? new Metadata() : trailers);
  }

  /** Leaves the bytes of a message as they are. */
  private static final class AsBytes implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream message) {
      return message;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return stream;
    }
  }
}
