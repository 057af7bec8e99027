package io.scone.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Windows of tokens to match: of each sequence the tokens whose f-grams are asked for, after tokens
 * that are only their context. Of the tokens that may come after a window, the likeliest may be
 * asked for, too.
 *
 * <p>The tokens are not copied: they must not change until the call they are used in has returned,
 * or its future is done.
 */
public final class TokenWindows {
  private final List<Window> windows = new ArrayList<>();

  /** Some tokens of an array; the first {@code context} are not asked for. */
  static final class Window {
    final int[] tokens;
    final int offset;
    final int length;
    final int context;
    final int continuations;

    Window(int[] tokens, int offset, int length, int context, int continuations) {
      this.tokens = tokens;
      this.offset = offset;
      this.length = length;
      this.context = context;
      this.continuations = continuations;
    }
  }

  /** Returns one window of tokens that are all asked for. */
  public static TokenWindows of(int... tokens) {
    return new TokenWindows().add(tokens, 0);
  }

  /** Adds a window of all tokens of an array; its first {@code context} are not asked for. */
  public TokenWindows add(int[] tokens, int context) {
    return add(tokens, 0, tokens.length, context);
  }

  /**
   * Adds a window of the {@code length} tokens from {@code offset}.
   *
   * @param context how many of them, at the start, are only context; K - 1 suffice
   */
  public TokenWindows add(int[] tokens, int offset, int length, int context) {
    return add(tokens, offset, length, context, 0);
  }

  /**
   * Adds a window of the {@code length} tokens from {@code offset}.
   *
   * @param context how many of them, at the start, are only context; K - 1 suffice
   * @param continuations of how many tokens that may come after the window the rows are wanted; a
   *     server may send fewer
   */
  public TokenWindows add(int[] tokens, int offset, int length, int context, int continuations) {
    if (offset < 0 || length < 0 || offset > tokens.length - length) {
      throw new IllegalArgumentException(
          length + " tokens from " + offset + " on are not in an array of " + tokens.length);
    }
    if (context < 0 || context > length) {
      throw new IllegalArgumentException(context + " tokens of context in a window of " + length);
    }
    if (continuations < 0) {
      throw new IllegalArgumentException(continuations + " continuations of a window");
    }
    windows.add(new Window(tokens, offset, length, context, continuations));
    return this;
  }

  /** Says whether continuations of any window are asked for. */
  boolean wantContinuations() {
    return windows.stream().anyMatch(window -> window.continuations > 0);
  }

  List<Window> windows() {
    return Collections.unmodifiableList(windows);
  }
}
