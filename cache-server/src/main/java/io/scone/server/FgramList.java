package io.scone.server;

import io.scone.v1.ContainsRequest;
import io.scone.v1.LookupRequest;
import java.util.Arrays;
import java.util.function.IntUnaryOperator;

/** The f-grams that a valid {@link LookupRequest} or {@link ContainsRequest} names. */
final class FgramList {
  private final int[] tokens;
  private final int[] ends;

  private FgramList(int[] tokens, int[] ends) {
    this.tokens = tokens;
    this.ends = ends;
  }

  /**
   * Takes a request apart.
   *
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if it is malformed or over a limit
   */
  static FgramList of(LookupRequest request, ServedTable table, RequestLimits limits) {
    FgramList fgrams =
        of(
            request.getTokensCount(),
            request::getTokens,
            request.getLengthsCount(),
            request::getLengths,
            table,
            limits);
    long rowBytes = (long) fgrams.size() * table.rowBytes();
    if (rowBytes > limits.maxRowBytes()) {
      throw Failures.overLimit(
          "lengths",
          "the rows of " + fgrams.size() + " f-grams could take " + rowBytes + " bytes",
          "max_row_bytes",
          limits.maxRowBytes());
    }
    return fgrams;
  }

  /** As {@link #of(LookupRequest, ServedTable, RequestLimits)}. */
  static FgramList of(ContainsRequest request, ServedTable table, RequestLimits limits) {
    return of(
        request.getTokensCount(),
        request::getTokens,
        request.getLengthsCount(),
        request::getLengths,
        table,
        limits);
  }

  private static FgramList of(
      int tokenCount,
      IntUnaryOperator token,
      int fgrams,
      IntUnaryOperator length,
      ServedTable table,
      RequestLimits limits) {
    if (fgrams > limits.maxFgrams()) {
      throw Failures.overLimit(
          "lengths", "the request names " + fgrams + " f-grams", "max_fgrams", limits.maxFgrams());
    }
    int[] tokens = Tokens.check(tokenCount, token, table, limits);
    int[] ends = new int[fgrams];
    Tokens.split("lengths", length, tokens.length, ends);
    for (int i = 0, begin = 0; i < ends.length; begin = ends[i++]) {
      if (ends[i] == begin) {
        throw Failures.malformed(
            "lengths[" + i + "]", "lengths[" + i + "] is 0; an f-gram has at least 1 token");
      }
    }
    return new FgramList(tokens, ends);
  }

  /** Returns the tokens of all f-grams, each in the table's vocabulary. */
  int[] tokens() {
    return tokens;
  }

  /** Returns the number of f-grams. */
  int size() {
    return ends.length;
  }

  /** Returns the index of an f-gram's first token. */
  int begin(int fgram) {
    return fgram == 0 ? 0 : ends[fgram - 1];
  }

  /** Returns the index of each f-gram's first token. */
  int[] begins() {
    int[] begins = new int[ends.length];
    Arrays.setAll(begins, this::begin);
    return begins;
  }

  /** Returns the index of each f-gram's last token. */
  int[] lastTokens() {
    int[] lastTokens = new int[ends.length];
    Arrays.setAll(lastTokens, fgram -> ends[fgram] - 1);
    return lastTokens;
  }

  /** Returns the tokens in an f-gram. */
  int length(int fgram) {
    return ends[fgram] - begin(fgram);
  }
}
