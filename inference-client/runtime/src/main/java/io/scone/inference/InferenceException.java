package io.scone.inference;

/** A failure of a model, or of the runtime, in the middle of its work. */
public sealed class InferenceException extends RuntimeException permits MissingRowsException {
  private static final long serialVersionUID = 1;

  InferenceException(String message) {
    super(message);
  }

  InferenceException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
