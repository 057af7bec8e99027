package io.scone.generation;

import io.scone.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * Turns tokens into text as they come. Text is held back while its last character may be the
 * beginning of one that the next tokens complete; nothing given out is ever taken back.
 */
final class TextStream {
  private static final String INCOMPLETE = "\uFFFD";

  private final Tokenizer tokenizer;
  private int[] tokens = new int[16];
  private int size;

  /** The first token that is still decoded: tokenizers treat the first of a text specially. */
  private int anchor;

  /** Where the tokens end whose text was given out whole. */
  private int settled;

  /** How much of the text from the anchor was given out. */
  private int given;

  TextStream(Tokenizer tokenizer) {
    this.tokenizer = tokenizer;
  }

  /** Takes the next token and returns the text that is now certain; it may be empty. */
  String append(int token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, size * 2);
    }
    tokens[size++] = token;
    String text = tokenizer.decode(tokens, anchor, size - anchor);
    boolean whole = !text.endsWith(INCOMPLETE);
    int certain = whole ? text.length() : text.length() - INCOMPLETE.length();
    String next = certain > given ? text.substring(given, certain) : "";
    given = Math.max(given, certain);
    if (whole && settled > anchor) {
      // Decode on from the tokens given out last; older ones bear on nothing any more.
      anchor = settled;
      given = tokenizer.decode(tokens, anchor, size - anchor).length();
    }
    if (whole) {
      settled = size;
    }
    return next;
  }

  /** Returns the text that was held back; the stream must not be used afterwards. */
  String finish() {
    return tokenizer.decode(tokens, anchor, size - anchor).substring(given);
  }
}
