package io.scone.server;

import java.util.function.IntUnaryOperator;

/** The checks that all requests of tokens share. Every failure is INVALID_ARGUMENT. */
final class Tokens {
  private Tokens() {}

  /**
   * Returns the tokens of a request, each in the table's vocabulary.
   *
   * @param count the number of tokens
   * @param token the request's token at an index
   */
  static int[] check(int count, IntUnaryOperator token, ServedTable table, RequestLimits limits) {
    if (count > limits.maxTokens()) {
      throw Failures.overLimit(
          "tokens", "the request has " + count + " tokens", "max_tokens", limits.maxTokens());
    }
    int vocabularySize = table.info().getVocabularySize();
    int[] tokens = new int[count];
    for (int i = 0; i < count; i++) {
      tokens[i] = token.applyAsInt(i);
      if (Integer.compareUnsigned(tokens[i], vocabularySize) >= 0) {
        throw Failures.malformed(
            "tokens[" + i + "]",
            "tokens["
                + i
                + "] is "
                + Integer.toUnsignedString(tokens[i])
                + "; table '"
                + table.name()
                + "' has a vocabulary of "
                + vocabularySize);
      }
    }
    return tokens;
  }

  /** Turns lengths, which must add up to {@code total}, into the end of each part. */
  static void split(String field, IntUnaryOperator length, int total, int[] ends) {
    long end = 0;
    for (int i = 0; i < ends.length; i++) {
      end += Integer.toUnsignedLong(length.applyAsInt(i));
      ends[i] = (int) Math.min(end, total);
    }
    if (end != total) {
      throw Failures.malformed(
          field, field + " add up to " + end + " and there are " + total + " tokens");
    }
  }
}
