package io.scone.generation;

import io.scone.inference.TokenWindow;
import java.util.Arrays;
import java.util.List;

/** The tokens of a sequence, first those of its prompt, then those generated. */
final class TokenHistory {
  private final int promptLength;
  private int[] tokens;
  private int size;

  TokenHistory(int... prompt) {
    this(prompt.clone(), prompt.length, prompt.length);
  }

  private TokenHistory(int[] tokens, int size, int promptLength) {
    this.tokens = tokens;
    this.size = size;
    this.promptLength = promptLength;
  }

  TokenHistory copy() {
    return new TokenHistory(tokens.clone(), size, promptLength);
  }

  void add(int token) {
    if (size == tokens.length) {
      tokens = Arrays.copyOf(tokens, size + size / 2 + 16);
    }
    tokens[size++] = token;
  }

  int size() {
    return size;
  }

  int promptLength() {
    return promptLength;
  }

  /** Returns how many tokens were generated. */
  int generated() {
    return size - promptLength;
  }

  int token(int index) {
    return tokens[index];
  }

  /** Says whether {@code count} tokens from {@code index} are those from {@code other}. */
  boolean repeats(int index, int other, int count) {
    return Arrays.equals(tokens, index, index + count, tokens, other, other + count);
  }

  /** Returns a copy of the tokens from {@code from} to before {@code to}. */
  int[] range(int from, int to) {
    return Arrays.copyOfRange(tokens, from, to);
  }

  /** Returns the last token, after up to {@code reach} of those before it. */
  TokenWindow last(int reach) {
    return TokenWindow.of(tokens, size - 1, size, reach);
  }

  /** Returns the tokens that were generated. */
  List<Integer> generatedTokens() {
    return Arrays.stream(tokens, promptLength, size).boxed().toList();
  }
}
