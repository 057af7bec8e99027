package io.scone.inference;

import java.util.Arrays;

/** New tokens of one sequence, after as many of the tokens before them as an f-gram may reach. */
public final class TokenWindow {
  private final int[] tokens;
  private final int context;

  /**
   * Makes a window over tokens, which are not copied and must not change while it is used.
   *
   * @param context how many of the first tokens came before the new ones
   */
  public TokenWindow(int[] tokens, int context) {
    if (context < 0 || context > tokens.length) {
      throw new IllegalArgumentException(
          context + " tokens of context in a window of " + tokens.length);
    }
    this.tokens = tokens;
    this.context = context;
  }

  /**
   * Makes a window of tokens of a sequence, which are copied.
   *
   * @param sequence the sequence from its beginning
   * @param from its first new token
   * @param to after its last new token
   * @param reach how many tokens before a new one an f-gram may reach ({@link RowSource#context});
   *     the window holds as many as there are
   */
  public static TokenWindow of(int[] sequence, int from, int to, int reach) {
    int start = Math.max(0, from - reach);
    return new TokenWindow(Arrays.copyOfRange(sequence, start, to), from - start);
  }

  /** Returns all tokens, context first: the window's own array. */
  public int[] tokens() {
    return tokens;
  }

  /** Returns how many of the first tokens came before the new ones. */
  public int context() {
    return context;
  }
}
