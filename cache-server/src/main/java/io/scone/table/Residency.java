package io.scone.table;

/**
 * How much of a table's rows an open table holds in memory, outside the heap.
 *
 * @param maxBytes the most bytes of rows in memory; the rows of the most frequent f-grams are held
 *     first, and the others are read from the disk
 */
public record Residency(long maxBytes) {
  /** Checks the budget. */
  public Residency {
    if (maxBytes < 0) {
      throw new IllegalArgumentException("a budget of " + maxBytes + " bytes for rows in memory");
    }
  }

  /** Rows stay on disk; the system's page cache decides which of them are in memory. */
  public static Residency disk() {
    return new Residency(0);
  }

  /** All rows are in memory. */
  public static Residency ram() {
    return new Residency(Long.MAX_VALUE);
  }

  /** The rows of the most frequent f-grams are in memory, as many as the bytes hold. */
  public static Residency ram(long maxBytes) {
    return new Residency(maxBytes);
  }
}
