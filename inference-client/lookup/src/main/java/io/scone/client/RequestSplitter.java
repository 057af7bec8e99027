package io.scone.client;

import io.grpc.Status;
import io.scone.v1.Limits;
import io.scone.v1.TableInfo;
import io.scone.v1.TableSelector;
import java.util.ArrayList;
import java.util.List;

/**
 * Makes the requests of a call: as few as the server's limits allow. Where they are several, they
 * name the version of the table that is to answer all of them.
 */
final class RequestSplitter {
  /** The most bytes a token takes: its own, its window's length, context and continuations. */
  private static final int BYTES_PER_TOKEN = 20;

  /** The bytes that a request without tokens takes at most. */
  private static final int OTHER_BYTES = 512;

  private final TableSelector selector;
  private final TableSelector pinned;
  private final int maxNgram;
  private final long maxTokens;
  private final long maxRows;
  private final long maxFgrams;
  private final long maxContinuations;

  RequestSplitter(TableSelector selector, TableInfo table, Limits limits) {
    this.selector = selector;
    this.pinned = selector.toBuilder().setVersion(table.getVersion().getVersion()).build();
    this.maxNgram = table.getMaxNgram();
    this.maxTokens =
        Math.min(
            Integer.toUnsignedLong(limits.getMaxTokens()),
            (Integer.toUnsignedLong(limits.getMaxRequestBytes()) - OTHER_BYTES) / BYTES_PER_TOKEN);
    this.maxRows = Long.divideUnsigned(limits.getMaxRowBytes(), table.getRowFormat().getRowBytes());
    this.maxFgrams = Math.min(Integer.toUnsignedLong(limits.getMaxFgrams()), maxRows);
    this.maxContinuations =
        Math.min(Integer.toUnsignedLong(limits.getMaxContinuations()), maxRows - 1);
    if (maxTokens < maxNgram || maxFgrams < 1) {
      throw new SconeException(
          Status.Code.FAILED_PRECONDITION,
          "the limits of the server do not let a single f-gram through: " + limits);
    }
  }

  /**
   * Returns the requests for windows, one at least. A window that is cut goes on in the next
   * request with the last K - 1 tokens before the cut as its context, so its matches are the same;
   * its last part asks for the continuations, as many as a server sends.
   */
  List<MatchPart> match(TokenWindows windows) {
    List<MatchPart> parts = new ArrayList<>();
    MatchPart part = new MatchPart();
    int number = 0;
    for (TokenWindows.Window window : windows.windows()) {
      int end = window.offset + window.length;
      int next = window.offset + window.context;
      int continuations = (int) Math.min(window.continuations, maxContinuations);
      while (next < end || continuations > 0) {
        int context = Math.min(maxNgram - 1, next - window.offset);
        long room =
            Math.min(maxRows - part.rows() - continuations, maxTokens - part.tokens() - context);
        if (room < Math.min(1, end - next)) {
          parts.add(part);
          part = new MatchPart();
          continue;
        }
        int asked = (int) Math.min(room, end - next);
        boolean last = next + asked == end;
        part.add(number, window.tokens, next - context, context, asked, last ? continuations : 0);
        next += asked;
        if (last) {
          break;
        }
      }
      number++;
    }
    parts.add(part);
    return parts;
  }

  /** Returns the requests of parts that are all of a call. */
  List<byte[]> requests(List<MatchPart> parts) {
    TableSelector asked = selector(parts.size());
    return parts.stream().map(part -> RequestEncoder.match(asked, part.windows)).toList();
  }

  private TableSelector selector(int parts) {
    return parts == 1 ? selector : pinned;
  }

  /** Returns the requests for f-grams, one at least. */
  List<byte[]> fgrams(List<int[]> fgrams) {
    List<List<int[]>> parts = new ArrayList<>();
    int begin = 0;
    long tokens = 0;
    for (int i = 0; i < fgrams.size(); i++) {
      int length = fgrams.get(i).length;
      boolean full = i - begin == maxFgrams || tokens + length > maxTokens;
      if (full && i > begin) {
        parts.add(fgrams.subList(begin, i));
        begin = i;
        tokens = 0;
      }
      tokens += length;
    }
    parts.add(fgrams.subList(begin, fgrams.size()));
    TableSelector asked = selector(parts.size());
    return parts.stream().map(part -> RequestEncoder.fgrams(asked, part)).toList();
  }

  /** One request for matches, what it asks for, and of which windows of the call. */
  static final class MatchPart {
    private final List<TokenWindows.Window> windows = new ArrayList<>();
    private final IntList numbers = new IntList();
    private int tokens;
    private int asked;
    private int rows;

    void add(int number, int[] array, int offset, int context, int count, int continuations) {
      windows.add(new TokenWindows.Window(array, offset, context + count, context, continuations));
      numbers.add(number);
      tokens += context + count;
      asked += count;
      rows += count + continuations;
    }

    int tokens() {
      return tokens;
    }

    int asked() {
      return asked;
    }

    /** Returns the most rows that a reply may hold. */
    int rows() {
      return rows;
    }

    /** Returns the number of windows. */
    int windows() {
      return windows.size();
    }

    /** Returns which window of the call a window is of, counted from 0. */
    int number(int window) {
      return numbers.get(window);
    }

    /** Returns how many continuations of a window are asked for. */
    int continuations(int window) {
      return windows.get(window).continuations;
    }
  }
}
