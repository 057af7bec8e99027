package io.scone.client;

import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;

/** A call that failed; the message is one sentence, the server's own where it sent one. */
public final class SconeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status.Code code;
  private final String reason;
  private final Duration retryDelay;

  SconeException(Status.Code code, String message) {
    this(code, message, null);
  }

  SconeException(Status.Code code, String message, Throwable cause) {
    this(code, message, "", null, cause);
  }

  SconeException(
      Status.Code code, String message, String reason, Duration retryDelay, Throwable cause) {
    super(message, cause);
    this.code = code;
    this.reason = reason;
    this.retryDelay = retryDelay;
  }

  /** Returns this with the stack of the thread that waited; the cause's is the network's. */
  SconeException rethrown() {
    return new SconeException(code, getMessage(), reason, retryDelay, this);
  }

  /** Returns this about a part of a call: with words before its sentence. */
  SconeException in(String part) {
    return new SconeException(code, part + ": " + getMessage(), reason, retryDelay, this);
  }

  /**
   * Returns the kind of failure; {@code embedding_service.proto} says which there are. Besides
   * those: UNAVAILABLE for a server that cannot be reached, DEADLINE_EXCEEDED for one that does not
   * answer in time, UNAUTHENTICATED for one that wants a token or another one, ABORTED where the
   * table was replaced again and again during the call.
   */
  public Status.Code code() {
    return code;
  }

  /** Returns the reason that the server gave for programs, such as LIMIT_EXCEEDED, or nothing. */
  public String reason() {
    return reason;
  }

  /** Returns after what time the server, which has too much to do, wants to be asked again. */
  public Optional<Duration> retryDelay() {
    return Optional.ofNullable(retryDelay);
  }
}
