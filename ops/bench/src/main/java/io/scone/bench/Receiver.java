package io.scone.bench;

import io.scone.fgram.FgramIndex;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The taker of a caller's rows: it checks that each begins as its f-gram's does, and of a sample,
 * or of all, every byte and that it was asked for. For use by one caller.
 */
final class Receiver {
  /** Of so many rows one is checked where not all are. */
  private static final int SAMPLE = 64;

  private final Map<String, RowPattern> patterns;
  private final FgramIndex index;
  private final boolean checksAll;
  private RowPattern pattern;
  private Query query;
  private int rowsOfQuery;
  private long rows;

  /** Makes a receiver of rows of {@link BenchmarkData#pattern}. */
  Receiver(BenchmarkData data, boolean checksAll) {
    this(data, Map.of(), checksAll);
  }

  /**
   * Makes a receiver of rows of several versions of a table.
   *
   * @param patterns the rows of each version; if there are none, those of all versions are {@link
   *     BenchmarkData#pattern}'s
   */
  Receiver(BenchmarkData data, Map<String, RowPattern> patterns, boolean checksAll) {
    this.patterns = patterns;
    this.pattern = data.pattern();
    this.index = data.index();
    this.checksAll = checksAll;
  }

  /** Begins the answer to a query. */
  void begin(Query query) {
    this.query = query;
    rowsOfQuery = 0;
  }

  /**
   * Says which version of the table the rows that follow are of.
   *
   * @throws WrongAnswerException if there is no such version
   */
  void servedBy(String version) {
    if (!patterns.isEmpty()) {
      pattern = patterns.get(version);
      if (pattern == null) {
        throw new WrongAnswerException("an answer came of version " + version);
      }
    }
  }

  /**
   * Takes the row of an f-gram, the {@code length} tokens from {@code offset}.
   *
   * @param from where in the buffer, which is big-endian, the row begins
   * @throws WrongAnswerException if it is not the f-gram's row, or not one that was asked for
   */
  void row(int[] tokens, int offset, int length, ByteBuffer buffer, int from) {
    rowsOfQuery++;
    boolean wholly = checksAll || ++rows % SAMPLE == 0;
    if (!pattern.beginsRowOf(tokens, offset, length, buffer, from)
        || (wholly && !pattern.isRowOf(tokens, offset, length, buffer, from))) {
      throw new WrongAnswerException("a row is not its f-gram's");
    }
    if (wholly && !query.wants(tokens, offset, length, index)) {
      throw new WrongAnswerException("a row came that was not asked for");
    }
  }

  /**
   * Ends the answer and returns its number of rows.
   *
   * @throws WrongAnswerException if all are checked and there are more or fewer than there should
   *     be
   */
  int end() {
    if (checksAll && rowsOfQuery != query.rows(index)) {
      throw new WrongAnswerException(
          "%d rows came for a query of %d".formatted(rowsOfQuery, query.rows(index)));
    }
    return rowsOfQuery;
  }
}
