package io.scone.inference;

/** A failure of the runtime while it runs a model that it had accepted. */
public final class InferenceException extends RuntimeException {
  private static final long serialVersionUID = 1;

  InferenceException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
