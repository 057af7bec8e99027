package io.scone.inference;

/** A failure of a model, or of the runtime, in the middle of its work. */
public sealed class InferenceException extends RuntimeException permits MissingRowsException {
  private static final long serialVersionUID = 1;

  /** Makes a failure with a sentence. */
  public InferenceException(String message) {
    super(message);
  }

  /** Makes a failure with a sentence that the cause's follows. */
  public InferenceException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
