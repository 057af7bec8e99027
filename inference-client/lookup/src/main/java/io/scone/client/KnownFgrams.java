package io.scone.client;

import io.scone.fgram.FgramFilter;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;

/**
 * What is known of one version of a table: f-grams with their rows, and n-grams that it does not
 * hold, as many as some bytes allow. Safe for use by many threads.
 *
 * <p>A longest match tells two things: the table holds the f-gram, and, where the text and K have
 * room for it, does not hold the one longer by a token. A position is known where both are: a
 * search for the longest match stops at the first length that misses, so that nothing longer
 * counts, and nothing shorter is missing where it came so far. Only f-grams that some search came
 * to are remembered. That the table does not hold an n-gram is known of by far the most once its
 * f-gram filter is here: then a row that was learned in one context serves in all others.
 */
final class KnownFgrams {
  private final TableVersion version;
  private final int maxNgram;
  private final RowCodec codec;

  /** F-grams with their rows, and n-grams that the table does not hold, without one. */
  private final NgramCache ngrams;

  private final long maxBytes;

  private volatile FgramFilter filter; // null where there is none
  private volatile long confirmedAt = System.nanoTime();

  KnownFgrams(TableInfo table, long maxBytes) {
    this.maxBytes = maxBytes;
    version = table.getVersion();
    maxNgram = table.getMaxNgram();
    codec = new RowCodec(Dtype.of(table.getRowFormat().getType()), table.getRowFormat().getDim());
    ngrams = new NgramCache(maxBytes, codec.rowBytes(), table.getRowCount());
  }

  TableVersion version() {
    return version;
  }

  /** Returns K, the tokens in the longest f-gram. */
  int maxNgram() {
    return maxNgram;
  }

  RowCodec codec() {
    return codec;
  }

  /** Says whether the server last named this version longer ago than some nanoseconds. */
  boolean isOlderThan(long nanos) {
    return System.nanoTime() - confirmedAt > nanos;
  }

  /** Denies from now on what a filter of this version denies. */
  void filterBy(FgramFilter filter) {
    this.filter = filter;
  }

  /** What is known of a token: the longest f-gram that ends there, or that none does. */
  static final class Known {
    private static final Known NO_MATCH = new Known(new byte[0], 0);

    private final byte[] entry;
    private final int length;

    private Known(byte[] entry, int length) {
      this.entry = entry;
      this.length = length;
    }

    /** Returns the f-gram's tokens; 0 where there is none. */
    int length() {
      return length;
    }

    /** Returns the f-gram's row. */
    ByteBuffer row() {
      int begin = NgramCache.rowOffset(length);
      return ByteBuffer.wrap(entry, begin, entry.length - begin);
    }

    /** Returns what positions have in common that have the same row. */
    Object identity() {
      return entry;
    }
  }

  /**
   * Returns what is known of the longest match that ends at a token, or null if that is not enough.
   *
   * @param first the first token that may belong to the f-gram
   * @param last the token that it ends with
   */
  Known find(int[] tokens, int first, int last) {
    int length = longest(tokens, first, last);
    boolean isLongest = true; // the table does not hold the n-gram that is longer by a token
    for (; length >= 2; length--) {
      int begin = last - length + 1;
      byte[] entry = ngrams.find(tokens, begin, length, FgramFilter.hash(tokens, begin, length));
      if (entry != null && entry.length > NgramCache.rowOffset(length)) {
        return isLongest ? new Known(entry, length) : null;
      }
      isLongest = entry != null;
    }
    return isLongest ? Known.NO_MATCH : null;
  }

  /** Returns the tokens of the longest n-gram that ends at a token and may be in the table. */
  private int longest(int[] tokens, int first, int last) {
    int longest = Math.min(maxNgram, last - first + 1);
    FgramFilter denying = filter;
    if (denying == null) {
      return longest;
    }
    long hash = FgramFilter.extend(FgramFilter.NO_TOKEN, tokens[last]);
    int length = 1;
    while (length < longest) {
      hash = FgramFilter.extend(hash, tokens[last - length]);
      if (!denying.mayHold(hash)) {
        break;
      }
      length++;
    }
    return length;
  }

  /** Returns the bytes taken, about, those of the filter included. */
  long bytes() {
    FgramFilter denying = filter;
    return ngrams.bytes() + (denying == null ? 0 : denying.size());
  }

  /** Says whether so much is remembered that the rest is left to what will be asked for. */
  boolean isFilled() {
    return ngrams.bytes() > maxBytes / 4 * 3;
  }

  /** Remembers an answer of this version. */
  void learn(TokenWindows windows, Matches answer) {
    confirmedAt = System.nanoTime();
    int asked = 0;
    int match = 0;
    int unknown = 0;
    for (TokenWindows.Window window : windows.windows()) {
      int end = window.offset + window.length;
      for (int i = window.offset + window.context; i < end; i++, asked++) {
        if (unknown < answer.unknownCount() && answer.unknownPosition(unknown) == asked) {
          unknown++;
        } else if (match < answer.count() && answer.position(match) == asked) {
          ByteBuffer row = answer.rows().bytes(answer.rowIndex(match));
          learn(window.tokens, window.offset, i, answer.length(match++), row);
        } else {
          learn(window.tokens, window.offset, i, 1, null);
        }
      }
    }
  }

  /**
   * Remembers the longest match that ends at a token.
   *
   * @param first the first token that could belong to the f-gram
   * @param last the token that it ends with
   * @param length its tokens; 1 where there is none
   * @param row its row, which is copied; null where there is none
   */
  void learn(int[] tokens, int first, int last, int length, ByteBuffer row) {
    if (row != null) {
      put(tokens, last, length, row);
    }
    FgramFilter denying = filter;
    if (length < Math.min(maxNgram, last - first + 1)
        && (denying == null
            || denying.mayHold(FgramFilter.hash(tokens, last - length, length + 1)))) {
      put(tokens, last, length + 1, null);
    }
  }

  private void put(int[] tokens, int last, int length, ByteBuffer row) {
    int begin = last - length + 1;
    ngrams.put(tokens, begin, length, FgramFilter.hash(tokens, begin, length), row);
  }
}
