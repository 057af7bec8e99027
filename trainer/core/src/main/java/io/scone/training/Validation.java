package io.scone.training;

/**
 * How well a model predicts a text it was not trained on.
 *
 * @param tokens the tokens predicted
 * @param perplexity with each f-gram's row in place of its last token's embedding
 * @param perplexityWithoutRows of the same model with its rows switched off; null in a baseline
 */
public record Validation(long tokens, double perplexity, Double perplexityWithoutRows) {}
