package io.scone.client;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.util.Arrays;

/**
 * What is known of one version of a table: f-grams with their rows, and n-grams that it does not
 * hold, as many as some bytes allow. Safe for use by many threads.
 *
 * <p>A longest match tells two things: the table holds the f-gram, and, where the text and K have
 * room for it, does not hold the one longer by a token. A position is known where both are: a
 * search for the longest match stops at the first length that misses, so that nothing longer
 * counts.
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
  private volatile long confirmedAt = System.nanoTime();

  KnownFgrams(TableInfo table, long maxBytes) {
    version = table.getVersion();
    maxNgram = table.getMaxNgram();
    codec = new RowCodec(Dtype.of(table.getRowFormat().getType()), table.getRowFormat().getDim());
    rows =
        Caffeine.newBuilder()
            .maximumWeight(maxBytes)
            .weigher(
                (Ngram ngram, byte[] row) ->
                    ENTRY_BYTES + Integer.BYTES * ngram.length + row.length)
            .executor(Runnable::run) // its upkeep is short, and no other thread needs waking
            .build();
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

  /** Returns the row of an n-gram, {@link #ABSENT}, or null where nothing is known of it. */
  byte[] get(int[] tokens, int offset, int length) {
    return rows.getIfPresent(new Ngram(tokens, offset, length));
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
          continue;
        }
        int length = 1;
        if (match < answer.count() && answer.position(match) == asked) {
          length = answer.length(match);
          Ngram held = new Ngram(window.tokens, i - length + 1, length);
          if (rows.getIfPresent(held) == null) {
            byte[] row = new byte[codec.rowBytes()];
            answer.rows().bytes(answer.rowIndex(match)).get(row);
            rows.put(held.copy(), row);
          }
          match++;
        }
        if (length < Math.min(maxNgram, i - window.offset + 1)) {
          Ngram longer = new Ngram(window.tokens, i - length, length + 1);
          if (rows.getIfPresent(longer) == null) {
            rows.put(longer.copy(), ABSENT);
          }
        }
      }
    }
  }

  /** Some tokens of an array, by their values. */
  private static final class Ngram {
    private final int[] tokens;
    private final int offset;
    private final int length;
    private final int hash;

    Ngram(int[] tokens, int offset, int length) {
      this.tokens = tokens;
      this.offset = offset;
      this.length = length;
      int mixed = length;
      for (int i = offset; i < offset + length; i++) {
        mixed = (mixed ^ tokens[i]) * 0x9e3779b9;
        mixed ^= mixed >>> 15;
      }
      hash = mixed;
    }

    /** Returns the same with an array of its own. */
    Ngram copy() {
      return new Ngram(Arrays.copyOfRange(tokens, offset, offset + length), 0, length);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    @Override
    public boolean equals(Object other) {
      return other instanceof Ngram ngram
          && Arrays.equals(
              tokens,
              offset,
              offset + length,
              ngram.tokens,
              ngram.offset,
              ngram.offset + ngram.length);
    }
  }
}
