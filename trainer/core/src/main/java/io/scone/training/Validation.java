package io.scone.training;

import java.util.List;

/**
 * How well a model predicts a text.
 *
 * @param tokens the tokens predicted
 * @param perplexity with each f-gram's row in place of its last token's embedding
 * @param perplexityWithoutRows of the same model with its rows switched off; null in a baseline
 * @param slices the same by the f-grams at whose ends the predictions are made; empty in a baseline
 *     that was given no f-grams
 */
public record Validation(
    long tokens, double perplexity, Double perplexityWithoutRows, List<Slice> slices) {
  /**
   * The predictions made at the ends of f-grams of one kind.
   *
   * @param matchLength tokens of the f-gram; 1 where none ends
   * @param minCount the power of ten which the f-gram's count in the corpus it was mined from
   *     reaches, while it is below the next; 0 where none ends
   * @param tokens the tokens predicted
   * @param loss the mean cross entropy with the rows, in nats
   * @param lossWithoutRows with the rows switched off; null in a baseline
   */
  public record Slice(
      int matchLength, long minCount, long tokens, double loss, Double lossWithoutRows) {}
}
