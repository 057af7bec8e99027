package io.scone.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.scone.fgram.FgramFilter;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What is known of one version of a table: f-grams with their rows, and n-grams that it does not
 * hold, as many as some bytes allow. Safe for use by many threads.
 *
 * <p>A longest match tells two things: the table holds the f-gram, and, where the text and K have
 * room for it, does not hold the one longer by a token. A position is known where both are: a
 * search for the longest match stops at the first length that misses, so that nothing longer
 * counts. That the table does not hold an n-gram is known of by far the most once its f-gram filter
 * is here: then a row that was learned in one context serves in all others.
 */
final class KnownFgrams {
  /** In place of the row of an n-gram that the table does not hold. */
  static final byte[] ABSENT = {};

  /** What the objects of an entry take besides its tokens and its row, about. */
  private static final int ENTRY_BYTES = 160;

  private final TableVersion version;
  private final int maxNgram;
  private final RowCodec codec;
  private final Cache<Ngram, byte[]> rows;
  private final long maxBytes;

  /** What the rows took that nobody had asked for when they came. */
  private long filledBytes;

  private volatile FgramFilter filter; // null where there is none
  private volatile long confirmedAt = System.nanoTime();

  KnownFgrams(TableInfo table, long maxBytes) {
    this.maxBytes = maxBytes;
    version = table.getVersion();
    maxNgram = table.getMaxNgram();
    codec = new RowCodec(Dtype.of(table.getRowFormat().getType()), table.getRowFormat().getDim());
    rows =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher((Ngram ngram, byte[] row) -> bytes(ngram.length(), row.length))
            .executor(Runnable::run) // its upkeep is short, and no other thread needs waking
            .build();
  }

  private static int bytes(int tokens, int rowBytes) {
    return ENTRY_BYTES + Integer.BYTES * tokens + rowBytes;
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
    private static final Known NO_MATCH = new Known(ABSENT, 0);

    private final byte[] row;
    private final int length;

    private Known(byte[] row, int length) {
      this.row = row;
      this.length = length;
    }

    /** Returns the f-gram's row, or {@link #ABSENT}. */
    byte[] row() {
      return row;
    }

    /** Returns the f-gram's tokens; 0 where there is none. */
    int length() {
      return length;
    }
  }

  /**
   * Returns what is known of the longest match that ends at a token, or null if that is not enough.
   *
   * @param first the first token that may belong to the f-gram
   * @param last the token that it ends with
   */
  Known find(int[] tokens, int first, int last) {
    FgramFilter denying = filter;
    long hash = FgramFilter.extend(FgramFilter.NO_TOKEN, tokens[last]);
    byte[] row = ABSENT;
    int found = 0;
    int longest = Math.min(maxNgram, last - first + 1);
    for (int length = 2; length <= longest; length++) {
      hash = FgramFilter.extend(hash, tokens[last - length + 1]);
      byte[] next =
          denying == null || denying.mayHold(hash)
              ? rows.getIfPresent(new Ngram(tokens, last - length + 1, length))
              : ABSENT;
      if (next == ABSENT) {
        break;
      }
      row = next; // null where nothing is known of this length: a longer one may still be
      found = length;
    }
    if (row == null) {
      return null;
    }
    return row == ABSENT ? Known.NO_MATCH : new Known(row, found);
  }

  /**
   * Says whether the rows that came without being asked for take most of the bytes; the rest is
   * left to those that are used.
   */
  synchronized boolean isFilled() {
    return filledBytes > maxBytes / 4 * 3;
  }

  /** Remembers the rows of f-grams of this version. */
  synchronized void learn(List<int[]> fgrams, FoundFgrams found) {
    for (int i = 0; i < fgrams.size() && !isFilled(); i++) {
      int[] fgram = fgrams.get(i);
      if (found.found(i)) {
        byte[] row = new byte[codec.rowBytes()];
        found.rows().bytes(found.rowIndex(i)).get(row);
        rows.put(new Ngram(fgram, 0, fgram.length), row);
        filledBytes += bytes(fgram.length, row.length);
      }
    }
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
      Ngram held = new Ngram(tokens, last - length + 1, length);
      if (rows.getIfPresent(held) == null) {
        byte[] copy = new byte[codec.rowBytes()];
        row.get(copy);
        rows.put(held.copy(), copy);
      }
    }
    FgramFilter denying = filter;
    if (length < Math.min(maxNgram, last - first + 1)
        && (denying == null
            || denying.mayHold(FgramFilter.hash(tokens, last - length, length + 1)))) {
      Ngram longer = new Ngram(tokens, last - length, length + 1);
      if (rows.getIfPresent(longer) == null) {
        rows.put(longer.copy(), ABSENT);
      }
    }
  }
}
