package io.scone.generation;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How a prompt is continued.
 *
 * @param maxTokens the most tokens to generate; 0 only to have the prompt's log-probabilities
 * @param minTokens how many tokens are generated before an end of text may come or a stop string
 *     counts
 * @param stop texts before which the continuation ends; they are not part of it, as with OpenAI
 * @param sequences how many continuations of the prompt are wanted; of a beam search the best ones
 * @param beams the beam search, if it is one
 * @param logprobs how many of the likeliest tokens to tell at each place beside the one that is
 *     there; empty to tell nothing
 * @param promptLogprobs whether to tell them of the prompt too
 * @param sampling how tokens are chosen
 */
public record GenerationOptions(
    int maxTokens,
    int minTokens,
    List<String> stop,
    int sequences,
    Optional<Beams> beams,
    OptionalInt logprobs,
    boolean promptLogprobs,
    Sampling sampling) {

  /** Checks the bounds. */
  public GenerationOptions {
    stop = List.copyOf(stop);
    check(
        maxTokens >= 1 || (maxTokens == 0 && promptLogprobs),
        "the most tokens to generate is " + maxTokens + ", it must be at least 1");
    check(
        minTokens >= 0 && minTokens <= maxTokens,
        "the least number of tokens is " + minTokens + ", it must be in 0 to " + maxTokens);
    check(!stop.contains(""), "a stop string is empty");
    check(sequences >= 1, "the sequences to return are " + sequences + ", give 1 or more");
    check(
        logprobs.orElse(0) >= 0,
        "the log-probabilities are " + logprobs.orElse(0) + " a token, it must be 0 or more");
    check(
        logprobs.isPresent() || !promptLogprobs,
        "the prompt's log-probabilities are asked for, but not how many a token");
    if (beams.isPresent()) {
      check(sampling.isGreedy(), "a beam search does not sample: its temperature must be 0");
      check(
          sequences <= beams.get().width(),
          sequences + " sequences of " + beams.get().width() + " beams; use more beams");
      check(stop.isEmpty(), "a beam search takes no stop strings");
      check(logprobs.isEmpty(), "a beam search tells no log-probabilities of tokens");
    }
  }

  private static void check(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }

  /** Returns a builder that begins with one greedy continuation of at most 128 tokens. */
  public static Builder builder() {
    return new Builder();
  }

  /** Returns how many sequences are read side by side. */
  public int width() {
    return beams.map(Beams::width).orElse(sequences);
  }

  /** Sets the parts of options by name. Not safe for use by more than one thread. */
  public static final class Builder {
    private int maxTokens = 128;
    private int minTokens;
    private List<String> stop = List.of();
    private int sequences = 1;
    private Optional<Beams> beams = Optional.empty();
    private OptionalInt logprobs = OptionalInt.empty();
    private boolean promptLogprobs;
    private Sampling sampling = Sampling.greedy();

    private Builder() {}

    /** Sets the most tokens to generate. */
    public Builder maxTokens(int value) {
      maxTokens = value;
      return this;
    }

    /** Sets how many tokens there are before the text may end. */
    public Builder minTokens(int value) {
      minTokens = value;
      return this;
    }

    /** Sets the texts that end the continuation. */
    public Builder stop(List<String> value) {
      stop = value;
      return this;
    }

    /** Sets how many continuations are wanted. */
    public Builder sequences(int value) {
      sequences = value;
      return this;
    }

    /** Asks for a beam search. */
    public Builder beams(Beams value) {
      beams = Optional.of(value);
      return this;
    }

    /** Asks for log-probabilities of each token and of so many likeliest ones. */
    public Builder logprobs(int value) {
      logprobs = OptionalInt.of(value);
      return this;
    }

    /** Sets whether log-probabilities of the prompt are wanted. */
    public Builder promptLogprobs(boolean value) {
      promptLogprobs = value;
      return this;
    }

    /** Sets how tokens are chosen. */
    public Builder sampling(Sampling value) {
      sampling = value;
      return this;
    }

    /**
     * Returns the options.
     *
     * @throws IllegalArgumentException if one is out of its bounds or does not go with another
     */
    public GenerationOptions build() {
      return new GenerationOptions(
          maxTokens, minTokens, stop, sequences, beams, logprobs, promptLogprobs, sampling);
    }
  }
}
