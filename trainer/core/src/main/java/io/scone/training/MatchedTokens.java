package io.scone.training;

/** The tokens of windows, one window after another, and the f-grams that end at each. */
final class MatchedTokens {
  private final int[] tokens;
  private final byte[] matchLengths;
  private final int context;

  /**
   * Takes the tokens as they are in a corpus.
   *
   * @param tokens T + 1 of each window, the last of which is only a target
   * @param matchLengths for each token the length of the longest f-gram that ends there in the
   *     corpus, less than 2 for none
   * @param context T
   */
  MatchedTokens(int[] tokens, byte[] matchLengths, int context) {
    this.tokens = tokens;
    this.matchLengths = matchLengths;
    this.context = context;
  }

  /** Returns the tokens of all windows. */
  int[] tokens() {
    return tokens;
  }

  /** Returns how many tokens of a window are not only a target. */
  int context() {
    return context;
  }

  /** Returns how many tokens lie between the beginnings of windows. */
  int stride() {
    return context + 1;
  }

  /**
   * Returns the length of the longest f-gram that ends at a token within its window, less than 2
   * for none.
   *
   * <p>One that begins before the window is cut to it, which by suffix closure leaves the longest
   * inside; none ends at a token that is only a target.
   */
  int longestMatch(int token) {
    int position = token % stride();
    return position == context ? 0 : Math.min(matchLengths[token] & 0xff, position + 1);
  }
}
