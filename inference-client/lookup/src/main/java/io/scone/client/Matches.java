package io.scone.client;

import io.scone.v1.TableVersion;
import java.util.List;

/**
 * The longest f-grams that end at the asked positions of token windows, and their rows.
 *
 * <p>Asked positions are numbered from 0 through all windows in order, context left out. There is
 * one match for each position at which an f-gram ends, ascending. Immutable.
 */
public final class Matches {
  static final int[] ALL_KNOWN = {};

  private final int[] positions;
  private final int[] rowIndices;
  private final int[] lengths;
  private final Rows rows;
  private final TableVersion servedBy;
  private final int[] unknown;
  private final List<Continuations> continuations;

  /** Takes over the arrays; all positions are known. */
  Matches(int[] positions, int[] rowIndices, int[] lengths, Rows rows, TableVersion servedBy) {
    this(positions, rowIndices, lengths, rows, servedBy, ALL_KNOWN, List.of());
  }

  /**
   * Takes over the arrays.
   *
   * @param continuations of each window, or none
   */
  Matches(
      int[] positions,
      int[] rowIndices,
      int[] lengths,
      Rows rows,
      TableVersion servedBy,
      int[] unknown,
      List<Continuations> continuations) {
    this.positions = positions;
    this.rowIndices = rowIndices;
    this.lengths = lengths;
    this.rows = rows;
    this.servedBy = servedBy;
    this.unknown = unknown;
    this.continuations = continuations;
  }

  /** Returns the number of matches. */
  public int count() {
    return positions.length;
  }

  /** Returns the asked position of a match. */
  public int position(int match) {
    return positions[match];
  }

  /** Returns which of {@link #rows} is the embedding of a match. */
  public int rowIndex(int match) {
    return rowIndices[match];
  }

  /** Returns the tokens in the f-gram of a match. */
  public int length(int match) {
    return lengths[match];
  }

  /**
   * Returns the distinct rows. Where the windows were over the server's limits and were asked in
   * parts, a row may be there once for each part.
   */
  public Rows rows() {
    return rows;
  }

  /**
   * Returns how many asked positions nothing is known of because their shard failed: 0 unless the
   * client allows partial answers. They are not among the matches.
   */
  public int unknownCount() {
    return unknown.length;
  }

  /** Returns an asked position that nothing is known of, counted from 0; they ascend. */
  public int unknownPosition(int index) {
    return unknown[index];
  }

  /**
   * Returns what may follow a window, counted from 0, as far as it was asked for and the server
   * sent it. A split table sends none.
   */
  public Continuations continuations(int window) {
    return continuations.isEmpty() ? Continuations.UNKNOWN : continuations.get(window);
  }

  /** Returns the table that served all of it. */
  public TableVersion servedBy() {
    return servedBy;
  }
}
