package io.scone.inference;

/** A failure to get the rows of some sequences, while those of the others may be at hand. */
public final class MissingRowsException extends InferenceException {
  private static final long serialVersionUID = 1;

  private final int[] windows;

  /**
   * Makes a failure.
   *
   * @param windows which of the windows asked for lack rows, counted from 0
   * @param cause why
   */
  public MissingRowsException(int[] windows, Throwable cause) {
    super("the rows of f-grams could not be had", cause);
    this.windows = windows.clone();
  }

  /** Returns which of the windows asked for lack rows, counted from 0, ascending. */
  public int[] windows() {
    return windows.clone();
  }
}
