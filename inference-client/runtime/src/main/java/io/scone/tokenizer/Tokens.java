package io.scone.tokenizer;

/** The check that every tokenizer makes of the tokens it is given. */
final class Tokens {
  private Tokens() {}

  static int check(int token, int vocabularySize) {
    if (token < 0 || token >= vocabularySize) {
      throw new IllegalArgumentException(
          "token " + token + " is outside the vocabulary of " + vocabularySize);
    }
    return token;
  }
}
