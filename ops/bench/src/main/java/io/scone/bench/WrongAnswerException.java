package io.scone.bench;

/** A store gave a wrong answer: nothing measured of it counts. */
public final class WrongAnswerException extends RuntimeException {
  private static final long serialVersionUID = 1;

  WrongAnswerException(String message) {
    super(message);
  }
}
