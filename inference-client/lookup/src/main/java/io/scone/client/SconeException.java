package io.scone.client;

import io.grpc.Status;

/** A call that failed; the message is one sentence, the server's own where it sent one. */
public final class SconeException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Status.Code code;

  SconeException(Status.Code code, String message) {
    this(code, message, null);
  }

  SconeException(Status.Code code, String message, Throwable cause) {
    super(message, cause);
    this.code = code;
  }

  /**
   * Returns the kind of failure; {@code embedding_service.proto} says which there are. Besides
   * those: UNAVAILABLE for a server that cannot be reached, DEADLINE_EXCEEDED for one that does not
   * answer in time, ABORTED where the table was replaced during the call and asking again will do.
   */
  public Status.Code code() {
    return code;
  }
}
