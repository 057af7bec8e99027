package io.scone.inference;

/**
 * How rows are fetched from a cache server.
 *
 * @param ahead of how many likely tokens of a sequence the rows are fetched while the model
 *     computes the step before; 0 for none
 * @param onMissing what happens where the server cannot be asked within a call's deadline
 */
public record RowFetching(int ahead, OnMissingRows onMissing) {
  /** Fetches the rows of 32 tokens ahead; a sequence whose rows cannot be had fails. */
  public static final RowFetching DEFAULT = new RowFetching(32, OnMissingRows.FAIL);

  /** Checks the bounds. */
  public RowFetching {
    if (ahead < 0) {
      throw new IllegalArgumentException("rows of " + ahead + " tokens cannot be fetched ahead");
    }
  }
}
