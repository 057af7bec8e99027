package io.scone.inference;

/**
 * A part of a long sequence of tokens in which each token but the first is predicted from those
 * before it.
 *
 * @param from the place of its first token
 * @param count its tokens, at least 2
 */
public record Stretch(long from, long count) {
  /** Checks that there is something to predict. */
  public Stretch {
    if (from < 0 || count < 2) {
      throw new IllegalArgumentException(
          "a text of " + count + " tokens has nothing to predict; it needs at least 2");
    }
  }
}
