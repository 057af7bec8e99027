package io.scone.tokenizer;

import io.scone.manifest.Fingerprint;

/**
 * Turns text into tokens and back.
 *
 * <p>Safe for use by many threads.
 */
public interface Tokenizer extends AutoCloseable {

  /**
   * Returns the tokens of a text. Nothing is added to them, and text that spells a special token is
   * ordinary text: no text encodes to the {@linkplain #endOfText() end-of-text token}. Decoding
   * them gives the text again, save for unpaired surrogates, which UTF-8 cannot hold.
   */
  int[] encode(String text);

  /**
   * Returns the text of the {@code length} tokens from {@code offset}; bytes that are not UTF-8
   * become U+FFFD. The end-of-text token becomes the text that spells it.
   *
   * @throws IllegalArgumentException if a token is outside the vocabulary
   */
  String decode(int[] tokens, int offset, int length);

  /** Returns the text of tokens. */
  default String decode(int... tokens) {
    return decode(tokens, 0, tokens.length);
  }

  /** Returns the exclusive bound of the tokens. */
  int vocabularySize();

  /** Returns the token that ends every document. */
  int endOfText();

  /** Returns a copy of the bytes of the tokenizer.json that is this tokenizer. */
  byte[] json();

  /** Returns the fingerprint of {@link #json()}. */
  default String fingerprint() {
    return new Fingerprint().update(json()).finish();
  }

  /** Frees native memory. The tokenizer must not be used afterwards. */
  @Override
  void close();
}
