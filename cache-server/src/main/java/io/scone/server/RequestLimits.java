package io.scone.server;

import io.scone.v1.Limits;

/**
 * The most that one request may ask.
 *
 * @param maxTokens tokens of all windows, context included, or of all f-grams
 * @param maxFgrams f-grams of a lookup
 * @param maxRowBytes bytes of a reply's rows, at most 1 GiB
 * @param maxRequestBytes bytes of a request message, at most 1 GiB
 * @param maxContinuations continuations of a window
 */
public record RequestLimits(
    int maxTokens, int maxFgrams, long maxRowBytes, long maxRequestBytes, int maxContinuations) {
  private static final long LARGEST_MESSAGE = 1L << 30; // a message's length is an int

  /**
   * Checks the limits.
   *
   * @throws IllegalArgumentException if one is out of bounds
   */
  public RequestLimits {
    check("max_tokens", maxTokens, Integer.MAX_VALUE);
    check("max_fgrams", maxFgrams, Integer.MAX_VALUE);
    check("max_row_bytes", maxRowBytes, LARGEST_MESSAGE);
    check("max_request_bytes", maxRequestBytes, LARGEST_MESSAGE);
    check("max_continuations", maxContinuations, Integer.MAX_VALUE);
  }

  /** Returns the limits of a server that is told no others. */
  public static RequestLimits defaults() {
    return new RequestLimits(1 << 16, 1 << 14, 64L << 20, 1L << 20, 256);
  }

  Limits toProto() {
    return Limits.newBuilder()
        .setMaxTokens(maxTokens)
        .setMaxFgrams(maxFgrams)
        .setMaxRowBytes(maxRowBytes)
        .setMaxRequestBytes((int) maxRequestBytes)
        .setMaxContinuations(maxContinuations)
        .build();
  }

  private static void check(String name, long value, long largest) {
    if (value < 1 || value > largest) {
      throw new IllegalArgumentException(name + " is " + value + ", not in 1.." + largest);
    }
  }
}
