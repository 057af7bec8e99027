package io.scone.generation;

/**
 * A beam search, by the rules of Hugging Face's {@code generate}: of the continuations of all
 * beams, the {@code width} likeliest go on; those that end the text are kept as results, the best
 * {@code width} of them, and compared by the sum of their log-probabilities divided by their
 * length, the end of text counted, to the power of the length penalty.
 *
 * @param width how many beams there are, at least 2
 * @param lengthPenalty the power; above 0 it favours longer texts, below 0 shorter ones
 * @param earlyStopping when the search ends before the most tokens are generated
 */
public record Beams(int width, double lengthPenalty, EarlyStopping earlyStopping) {
  /** When a search ends that has as many results as beams. */
  public enum EarlyStopping {
    /** At once: Hugging Face's {@code True}. */
    FULL,
    /** When no beam would beat the worst result if it ended now: Hugging Face's {@code False}. */
    HEURISTIC,
    /** When no beam can beat the worst result at any length: Hugging Face's {@code "never"}. */
    NEVER
  }

  /** Checks the bounds. */
  public Beams {
    if (width < 2) {
      throw new IllegalArgumentException("the beams are " + width + ", there must be 2 or more");
    }
    if (!Double.isFinite(lengthPenalty)) {
      throw new IllegalArgumentException(
          "the length penalty is " + lengthPenalty + ", it must be a finite number");
    }
  }
}
