package io.scone.generation;

import java.time.Duration;
import java.util.List;

/**
 * A continuation of a prompt.
 *
 * @param promptTokens how many tokens the prompt has
 * @param tokens the tokens generated; an end of text that stopped it is not among them
 * @param text their text, up to a stop string
 * @param stopReason why there are no more
 * @param logprobs of each token, if they were asked for
 * @param score of a beam search: the sum of the log-probabilities divided by the length to the
 *     power of the length penalty; otherwise NaN
 * @param matches at how many of the tokens read an f-gram ended
 * @param queued the time until the prompt began to be read
 * @param prefill the time from then until it was read
 * @param decode the time from then on
 */
public record Generation(
    int promptTokens,
    List<Integer> tokens,
    String text,
    StopReason stopReason,
    List<TokenLogprobs> logprobs,
    double score,
    int matches,
    Duration queued,
    Duration prefill,
    Duration decode) {
  /** Why a generation stopped. */
  public enum StopReason {
    /** The model ended the text. */
    END_OF_TEXT,
    /** A stop string came. */
    STOP_STRING,
    /** As many tokens were generated as had been asked for. */
    MAX_TOKENS,
    /**
     * The sequence is as long as there is room for: the model's context, or the engine's capacity.
     */
    CONTEXT
  }

  /** Makes the lists unmodifiable. */
  public Generation {
    tokens = List.copyOf(tokens);
    logprobs = List.copyOf(logprobs);
  }
}
