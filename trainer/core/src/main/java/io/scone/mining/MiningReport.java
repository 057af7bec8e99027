package io.scone.mining;

import java.util.List;

/**
 * What mining found.
 *
 * @param lengths the counts for n-grams of 2, 3, ... K tokens
 * @param leastCount how often the rarest f-gram occurs, 0 where there is none
 * @param temporaryBytes the most bytes that temporary files took at a time
 */
public record MiningReport(List<Length> lengths, long leastCount, long temporaryBytes) {

  public MiningReport {
    lengths = List.copyOf(lengths);
  }

  /** Returns the number of f-grams. */
  public long kept() {
    return lengths.stream().mapToLong(Length::kept).sum();
  }

  /**
   * What was found of one length.
   *
   * @param n the tokens in an n-gram
   * @param counted the distinct n-grams that were counted
   * @param frequent those of them that reach the floor
   * @param kept those of them that are f-grams
   */
  public record Length(int n, long counted, long frequent, long kept) {}
}
