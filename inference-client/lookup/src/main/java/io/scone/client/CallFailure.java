package io.scone.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.netty.handler.ssl.NotSslRecordException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;

/** Turns what gRPC tells of a failed call into a {@link SconeException} of one sentence. */
final class CallFailure {
  /** What Netty puts before the words of the operating system. */
  private static final Pattern SYSTEM_CALL =
      Pattern.compile("^\\w+\\(\\.\\.\\) failed with error\\(-?\\d+\\): ");

  private final ServerAddress address;
  private final ConnectionConfig config;

  CallFailure(ServerAddress address, ConnectionConfig config) {
    this.address = address;
    this.config = config;
  }

  /** Returns what a stage of a future failed with, out of what later stages wrap it in. */
  static Throwable unwrap(Throwable thrown) {
    return thrown instanceof CompletionException ? thrown.getCause() : thrown;
  }

  /** Returns the failure of a call that ended with a status other than OK. */
  SconeException of(Status ended, Metadata trailers) {
    Status status = ended;
    if (ended.getCode() == Status.Code.CANCELLED) {
      // gRPC cancels a call whose reply cannot be read. A client cancels none by itself, so that
      // any other was cancelled by its server, which was told to stop at once.
      status =
          ended.getCause() instanceof StatusRuntimeException unreadable
              ? unreadable.getStatus()
              : Status.UNAVAILABLE.withDescription("it ended the call before it had answered");
    }
    String reason = "";
    Duration retryDelay = null;
    com.google.rpc.Status rich = StatusProto.fromStatusAndTrailers(ended, trailers);
    try {
      for (Any detail : rich.getDetailsList()) {
        if (detail.is(ErrorInfo.class)) {
          reason = detail.unpack(ErrorInfo.class).getReason();
        } else if (detail.is(RetryInfo.class)) {
          com.google.protobuf.Duration delay = detail.unpack(RetryInfo.class).getRetryDelay();
          retryDelay = Duration.ofSeconds(delay.getSeconds(), delay.getNanos());
        }
      }
    } catch (InvalidProtocolBufferException e) {
      // The code and the sentence stand without their details.
    }
    return new SconeException(
        status.getCode(), sentence(status), reason, retryDelay, ended.asRuntimeException());
  }

  private String sentence(Status status) {
    String server = "the cache server at " + address;
    String description = status.getDescription();
    if (speaksHttp(status)) {
      return server + " speaks HTTP/1, not gRPC: another server has that port";
    }
    return switch (status.getCode()) {
      case UNAVAILABLE -> {
        String untrusted = untrusted(status.getCause());
        yield untrusted == null
            ? server + " cannot be reached: " + unreachable(status)
            : server + " is not trusted: " + untrusted;
      }
      case DEADLINE_EXCEEDED -> server + " did not answer in time";
      case UNAUTHENTICATED ->
          config.token() == null
              ? server + " wants a token, and this client was given none"
              : server + " does not take this client's token: " + description;
      default -> description == null ? status.getCode().toString() : description;
    };
  }

  private String unreachable(Status status) {
    for (Throwable t = status.getCause(); t != null; t = t.getCause()) {
      if (t instanceof NotSslRecordException) {
        return "it does not speak TLS";
      }
      if (t instanceof SSLException) {
        return "it ended TLS: " + t.getMessage();
      }
    }
    String reason =
        status.getCause() == null ? status.getDescription() : status.getCause().getMessage();
    if (reason != null) {
      reason = SYSTEM_CALL.matcher(reason).replaceFirst("");
    }
    // What a server with TLS does to a client without: an alert, which is no HTTP/2, or nothing.
    boolean perhapsTls =
        config.tls() == null
            && reason != null
            && (reason.contains("closed for unknown reason")
                || reason.contains("not SETTINGS")
                || reason.contains("onnection reset"));
    return perhapsTls ? reason + "; it may want TLS" : reason;
  }

  /** Says whether what answered began with {@code HTTP/}, where HTTP/2 has its settings. */
  private static boolean speaksHttp(Status status) {
    for (Throwable t = status.getCause(); t != null; t = t.getCause()) {
      // The first bytes of a dump: what a gRPC server says of TLS names HTTP/2 further on.
      if (t.getMessage() != null && t.getMessage().contains(": 485454502f")) {
        return true;
      }
    }
    return false;
  }

  /** Returns what is wrong with the server's certificate, or null if that is not the matter. */
  private String untrusted(Throwable failure) {
    String found = null;
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof CertificateExpiredException) {
        return "its certificate has expired (" + t.getMessage() + ")";
      }
      if (t instanceof CertificateNotYetValidException) {
        return "its certificate is not valid yet (" + t.getMessage() + ")";
      }
      if (t instanceof CertPathBuilderException) {
        found = "its certificate was issued by none of " + config.tls().trusted();
      } else if (t instanceof CertificateException && found == null) {
        found = "its certificate does not fit (" + t.getMessage() + ")";
      }
    }
    return found;
  }
}
