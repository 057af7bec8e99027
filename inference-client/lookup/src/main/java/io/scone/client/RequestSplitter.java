package io.scone.client;

import io.grpc.Status;
import io.scone.v1.Limits;
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
  List<byte[]> fgrams(List<int[]> fgrams) {
    List<byte[]> parts = new ArrayList<>();
    int begin = 0;
    long tokens = 0;
    for (int i = 0; i < fgrams.size(); i++) {
      int length = fgrams.get(i).length;
      boolean full = i - begin == maxFgrams || tokens + length > maxTokens;
      if (full && i > begin) {
        parts.add(RequestEncoder.fgrams(selector, fgrams.subList(begin, i)));
        begin = i;
        tokens = 0;
      }
      tokens += length;
    }
    parts.add(RequestEncoder.fgrams(selector, fgrams.subList(begin, fgrams.size())));
    return parts;
  }

  /** One request for matches, and how many positions it asks for. */
  static final class MatchPart {
    private final TableSelector selector;
    private final List<TokenWindows.Window> windows = new ArrayList<>();
    private int tokens;
    private int asked;

    MatchPart(TableSelector selector) {
      this.selector = selector;
    }

    void add(int[] array, int offset, int context, int count) {
      windows.add(new TokenWindows.Window(array, offset, context + count, context));
      tokens += context + count;
      asked += count;
    }

    int tokens() {
      return tokens;
    }

    int asked() {
      return asked;
    }

    byte[] request() {
      return RequestEncoder.match(selector, windows);
    }
  }
}
