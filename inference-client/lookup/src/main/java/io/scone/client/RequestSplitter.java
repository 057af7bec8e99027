package io.scone.client;

import io.grpc.Status;
import io.scone.v1.Limits;
import io.scone.v1.LookupRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;
import java.util.ArrayList;
import java.util.List;

/** Makes the requests of a call: as few as the server's limits allow. */
final class RequestSplitter {
  /** The most bytes that one token takes: its own, its window's length and context, 5 each. */
  private static final int BYTES_PER_TOKEN = 15;

  /** The bytes that a request without tokens takes at most. */
  private static final int OTHER_BYTES = 512;

  private final TableSelector selector;
  private final int maxNgram;
  private final long maxTokens;
  private final long maxRows;
  private final long maxFgrams;

  RequestSplitter(TableSelector selector, TableInfo table, Limits limits) {
    this.selector = selector;
    this.maxNgram = table.getMaxNgram();
    this.maxTokens =
        Math.min(
            Integer.toUnsignedLong(limits.getMaxTokens()),
            (Integer.toUnsignedLong(limits.getMaxRequestBytes()) - OTHER_BYTES) / BYTES_PER_TOKEN);
    this.maxRows = Long.divideUnsigned(limits.getMaxRowBytes(), table.getRowFormat().getRowBytes());
    this.maxFgrams = Math.min(Integer.toUnsignedLong(limits.getMaxFgrams()), maxRows);
    if (maxTokens < maxNgram || maxFgrams < 1) {
      throw new SconeException(
          Status.Code.FAILED_PRECONDITION,
          "the limits of the server do not let a single f-gram through: " + limits);
    }
  }

  /**
   * Returns the requests for windows, one at least. A window that is cut goes on in the next
   * request with the last K - 1 tokens before the cut as its context, so its matches are the same.
   */
  List<MatchPart> match(TokenWindows windows) {
    List<MatchPart> parts = new ArrayList<>();
    MatchPart part = new MatchPart(selector);
    for (TokenWindows.Window window : windows.windows()) {
      int end = window.offset + window.length;
      for (int next = window.offset + window.context; next < end; ) {
        int context = Math.min(maxNgram - 1, next - window.offset);
        long room = Math.min(maxRows - part.asked(), maxTokens - part.tokens() - context);
        if (room < 1) {
          parts.add(part);
          part = new MatchPart(selector);
          continue;
        }
        int asked = (int) Math.min(room, end - next);
        part.add(window.tokens, next - context, context, asked);
        next += asked;
      }
    }
    parts.add(part);
    return parts;
  }

  /** Returns the requests for f-grams, one at least. */
  List<LookupRequest> lookup(List<int[]> fgrams) {
    List<LookupRequest> parts = new ArrayList<>();
    LookupRequest.Builder part = LookupRequest.newBuilder().setSelector(selector);
    for (int[] fgram : fgrams) {
      boolean full =
          part.getLengthsCount() == maxFgrams || part.getTokensCount() + fgram.length > maxTokens;
      if (full && part.getLengthsCount() > 0) {
        parts.add(part.build());
        part = LookupRequest.newBuilder().setSelector(selector);
      }
      for (int token : fgram) {
        part.addTokens(token);
      }
      part.addLengths(fgram.length);
    }
    parts.add(part.build());
    return parts;
  }

  /** One request for matches, and how many positions it asks for. */
  static final class MatchPart {
    private final MatchRequest.Builder request;
    private int asked;

    MatchPart(TableSelector selector) {
      request = MatchRequest.newBuilder().setSelector(selector);
    }

    void add(int[] tokens, int offset, int context, int asked) {
      for (int i = offset; i < offset + context + asked; i++) {
        request.addTokens(tokens[i]);
      }
      request.addWindowLengths(context + asked).addContextLengths(context);
      this.asked += asked;
    }

    int tokens() {
      return request.getTokensCount();
    }

    int asked() {
      return asked;
    }

    MatchRequest request() {
      return request.build();
    }
  }
}
