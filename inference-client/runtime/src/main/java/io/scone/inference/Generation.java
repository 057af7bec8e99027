package io.scone.inference;

import java.time.Duration;
import java.util.List;

/**
 * A continuation of a prompt.
 *
 * @param promptTokens how many tokens the prompt has
 * @param tokens the tokens generated; an end of text that stopped it is not among them
 * @param text their text
 * @param stopReason why there are no more
 * @param matches at how many of the tokens read an f-gram ended
 * @param prefill the time until the prompt was read
 * @param decode the time from then on
 */
public record Generation(
    int promptTokens,
    List<Integer> tokens,
    String text,
    StopReason stopReason,
    int matches,
    Duration prefill,
    Duration decode) {
  /** Why a generation stopped. */
  public enum StopReason {
    /** The model ended the text. */
    END_OF_TEXT,
    /** As many tokens were generated as had been asked for. */
    MAX_TOKENS,
    /** The sequence is as long as the model's context. */
    CONTEXT
  }

  /** Makes the list unmodifiable. */
  public Generation {
    tokens = List.copyOf(tokens);
  }
}
