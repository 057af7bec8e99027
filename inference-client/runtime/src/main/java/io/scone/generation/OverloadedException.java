package io.scone.generation;

/** The refusal of a request because as many as may wait are waiting: it may be made again later. */
public final class OverloadedException extends RuntimeException {
  private static final long serialVersionUID = 1;

  OverloadedException(int waiting) {
    super(waiting + " requests are waiting already; try again later");
  }
}
