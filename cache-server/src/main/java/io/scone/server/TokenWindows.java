package io.scone.server;

import io.scone.v1.MatchRequest;
import java.util.Arrays;

/** The token windows of a valid {@link MatchRequest}. */
final class TokenWindows {
  private final int[] tokens;
  private final int[] ends;
  private final int[] contexts;
  private final int[] continuations;
  private final int asked;

  private TokenWindows(int[] tokens, int[] ends, int[] contexts, int[] continuations, int asked) {
    this.tokens = tokens;
    this.ends = ends;
    this.contexts = contexts;
    this.continuations = continuations;
    this.asked = asked;
  }

  /**
   * Takes a request apart.
   *
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if it is malformed or over a limit
   */
  static TokenWindows of(MatchRequest request, ServedTable table, RequestLimits limits) {
    int[] tokens = Tokens.check(request.getTokensCount(), request::getTokens, table, limits);
    int windows = request.getWindowLengthsCount();
    int[] ends = windows == 0 ? new int[] {tokens.length} : new int[windows];
    if (windows > 0) {
      Tokens.split("window_lengths", request::getWindowLengths, tokens.length, ends);
    }
    int[] contexts = contexts(request, ends);
    int asked = tokens.length;
    for (int context : contexts) {
      asked -= context;
    }
    int[] continuations = continuations(request, ends.length, limits);
    long rows = asked + Arrays.stream(continuations).asLongStream().sum();
    if (rows * table.rowBytes() > limits.maxRowBytes()) {
      throw Failures.overLimit(
          "tokens",
          "the rows of "
              + asked
              + " positions"
              + (rows > asked ? " and " + (rows - asked) + " continuations" : "")
              + " could take "
              + rows * table.rowBytes()
              + " bytes",
          "max_row_bytes",
          limits.maxRowBytes());
    }
    return new TokenWindows(tokens, ends, contexts, continuations, asked);
  }

  /** Returns the tokens of all windows, each in the table's vocabulary. */
  int[] tokens() {
    return tokens;
  }

  /** Returns the index of the token at each position asked for, in all windows in order. */
  int[] askedPositions() {
    int[] positions = new int[asked];
    int next = 0;
    for (int window = 0, begin = 0; window < ends.length; begin = ends[window++]) {
      for (int i = begin + contexts[window]; i < ends[window]; i++) {
        positions[next++] = i;
      }
    }
    return positions;
  }

  /** Returns for each position asked for the index of its window's first token. */
  int[] starts() {
    int[] starts = new int[asked];
    int next = 0;
    for (int window = 0, begin = 0; window < ends.length; begin = ends[window++]) {
      int count = ends[window] - begin - contexts[window];
      Arrays.fill(starts, next, next + count, begin);
      next += count;
    }
    return starts;
  }

  /** Returns the number of windows. */
  int count() {
    return ends.length;
  }

  /** Returns the index of a window's first token. */
  int begin(int window) {
    return window == 0 ? 0 : ends[window - 1];
  }

  /** Returns the index after a window's last token. */
  int end(int window) {
    return ends[window];
  }

  /** Says whether any window asks for continuations. */
  boolean wantContinuations() {
    return continuations.length > 0;
  }

  /** Returns how many continuations a window asks for, if any does. */
  int continuations(int window) {
    return continuations[window];
  }

  /** Returns the most rows that a reply may hold. */
  int mostRows() {
    return asked + Arrays.stream(continuations).sum();
  }

  /** Returns the number of positions asked for in all windows. */
  int asked() {
    return asked;
  }

  /** Returns how many continuations each window asks for; nothing if none does. */
  private static int[] continuations(MatchRequest request, int windows, RequestLimits limits) {
    int count = request.getContinuationsCount();
    if (count != 0 && count != windows) {
      throw Failures.malformed(
          "continuations", "there are " + count + " continuations for " + windows + " windows");
    }
    int[] continuations = new int[count];
    for (int i = 0; i < count; i++) {
      continuations[i] = request.getContinuations(i);
      if (Integer.compareUnsigned(continuations[i], limits.maxContinuations()) > 0) {
        throw Failures.overLimit(
            "continuations[" + i + "]",
            "a window asks for " + Integer.toUnsignedString(continuations[i]) + " continuations",
            "max_continuations",
            limits.maxContinuations());
      }
    }
    return Arrays.stream(continuations).anyMatch(asked -> asked > 0) ? continuations : new int[0];
  }

  private static int[] contexts(MatchRequest request, int[] ends) {
    int[] contexts = new int[ends.length];
    int count = request.getContextLengthsCount();
    if (count == 0) {
      return contexts;
    }
    if (count != ends.length) {
      throw Failures.malformed(
          "context_lengths",
          "there are " + count + " context_lengths for " + ends.length + " windows");
    }
    for (int i = 0, begin = 0; i < count; begin = ends[i++]) {
      int context = request.getContextLengths(i);
      int length = ends[i] - begin;
      if (Integer.compareUnsigned(context, length) > 0) {
        throw Failures.malformed(
            "context_lengths[" + i + "]",
            "context_lengths["
                + i
                + "] is "
                + Integer.toUnsignedString(context)
                + " and its window has "
                + length
                + " tokens");
      }
      contexts[i] = context;
    }
    return contexts;
  }
}
