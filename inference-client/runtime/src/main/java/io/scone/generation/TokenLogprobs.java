package io.scone.generation;

import java.util.List;

/**
 * How likely the model held a token, and which ones it held likeliest at its place: natural
 * logarithms of probabilities, by the model's own logits, before any setting changed them.
 *
 * @param token the token that is there
 * @param logprob its log-probability; NaN for the first token of a prompt, which nothing predicts
 * @param top the likeliest tokens of the place, the likeliest first; as many as were asked for
 */
public record TokenLogprobs(int token, double logprob, List<Candidate> top) {
  /**
   * A token that could have been.
   *
   * @param logprob its log-probability
   */
  public record Candidate(int token, double logprob) {}

  /** Makes the list unmodifiable. */
  public TokenLogprobs {
    top = List.copyOf(top);
  }
}
