package io.scone.inference;

/**
 * How well a model predicts a text.
 *
 * @param tokens how many tokens were predicted
 * @param words the words of the original text
 * @param utf8Bytes the bytes of the original text
 * @param negativeLogLikelihood of all predicted tokens together, in nats
 * @param matches how many predictions were made from a token at which an f-gram ended
 * @param matchedTokens the tokens in those f-grams together
 */
public record Evaluation(
    long tokens,
    long words,
    long utf8Bytes,
    double negativeLogLikelihood,
    long matches,
    long matchedTokens) {

  /** Returns the evaluation of both texts together. */
  public Evaluation plus(Evaluation other) {
    return new Evaluation(
        tokens + other.tokens,
        words + other.words,
        utf8Bytes + other.utf8Bytes,
        negativeLogLikelihood + other.negativeLogLikelihood,
        matches + other.matches,
        matchedTokens + other.matchedTokens);
  }

  /** Returns the perplexity per token. */
  public double tokenPerplexity() {
    return Math.exp(negativeLogLikelihood / tokens);
  }

  /** Returns the perplexity per word, which compares across tokenizers; NaN without words. */
  public double wordPerplexity() {
    return words == 0 ? Double.NaN : Math.exp(negativeLogLikelihood / words);
  }

  /** Returns the bits per byte of text, which compare across tokenizers; NaN without bytes. */
  public double bitsPerByte() {
    return utf8Bytes == 0 ? Double.NaN : negativeLogLikelihood / Math.log(2) / utf8Bytes;
  }

  /** Returns the share of predictions made from a token at which an f-gram ended. */
  public double matchRate() {
    return (double) matches / tokens;
  }

  /** Returns the mean tokens in those f-grams; NaN without any. */
  public double meanMatchLength() {
    return matches == 0 ? Double.NaN : (double) matchedTokens / matches;
  }
}
