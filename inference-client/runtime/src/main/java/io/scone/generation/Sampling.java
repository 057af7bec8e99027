package io.scone.generation;

import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * How the next token is chosen from the model's logits.
 *
 * <p>The settings work in this order, each on what those before it left: logit bias, repetition
 * penalty, presence and frequency penalty, no repeated n-grams, bad words, the least number of
 * tokens, temperature, top-k, top-p, min-p. It is the order of Hugging Face's {@code generate} with
 * OpenAI's settings at their place in vLLM. With a temperature of 0 the likeliest of the tokens
 * that are left by then is taken, and what follows has no effect. Among equal logits the lower
 * token counts as the likelier, so that choices are the same everywhere.
 *
 * @param temperature divides the logits; 0 takes the likeliest token always
 * @param topK how many of the likeliest tokens stay; 0 for all
 * @param topP the likeliest tokens stay until their probabilities reach this, above 0; 1 for all
 * @param minP tokens stay that are at least this many times as likely as the likeliest, below 1; 0
 *     for all
 * @param repetitionPenalty divides the positive logits of all tokens that the prompt or the text
 *     after it holds, and multiplies their negative ones; above 0; 1 for none
 * @param presencePenalty is taken from the logits of tokens that the generated text holds, in -2 to
 *     2
 * @param frequencyPenalty is taken from the logits of tokens for each time that the generated text
 *     holds them, in -2 to 2
 * @param noRepeatNgram no n-gram of this many tokens comes twice, the prompt counted; 0 to let them
 * @param badWords sequences of tokens that the text must not come to hold, none empty
 * @param logitBias what is added to the logits of tokens
 * @param seed what the random choices start from: the same seed gives the same choices
 */
public record Sampling(
    double temperature,
    int topK,
    double topP,
    double minP,
    double repetitionPenalty,
    double presencePenalty,
    double frequencyPenalty,
    int noRepeatNgram,
    List<List<Integer>> badWords,
    Map<Integer, Double> logitBias,
    long seed) {
  private static final double MAX_PENALTY = 2;
  private static final Sampling GREEDY = builder().build();

  /** Checks the bounds. */
  public Sampling {
    check(
        temperature >= 0 && temperature < Double.POSITIVE_INFINITY,
        "the temperature is %s, it must be 0 or more",
        temperature);
    check(topK >= 0, "top-k is %s, it must be 0 or more", topK);
    check(topP > 0 && topP <= 1, "top-p is %s, it must be above 0, at most 1", topP);
    check(minP >= 0 && minP < 1, "min-p is %s, it must be 0 or more, below 1", minP);
    check(
        repetitionPenalty > 0 && repetitionPenalty < Double.POSITIVE_INFINITY,
        "the repetition penalty is %s, it must be above 0",
        repetitionPenalty);
    check(
        Math.abs(presencePenalty) <= MAX_PENALTY,
        "the presence penalty is %s, it must be in -2 to 2",
        presencePenalty);
    check(
        Math.abs(frequencyPenalty) <= MAX_PENALTY,
        "the frequency penalty is %s, it must be in -2 to 2",
        frequencyPenalty);
    check(
        noRepeatNgram >= 0,
        "the n-grams that must not repeat have %s tokens, it must be 0 or more",
        noRepeatNgram);
    badWords = badWords.stream().map(List::copyOf).toList();
    logitBias = Map.copyOf(logitBias);
    for (List<Integer> word : badWords) {
      check(!word.isEmpty(), "a bad word has %s tokens, it must have one at least", 0);
    }
    for (double bias : logitBias.values()) {
      check(Double.isFinite(bias), "a logit bias is %s, it must be a finite number", bias);
    }
  }

  private static void check(boolean holds, String sentence, Object value) {
    if (!holds) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, sentence, value));
    }
  }

  /** Returns the choice of the likeliest token always. */
  public static Sampling greedy() {
    return GREEDY;
  }

  /** Returns a builder that begins with {@link #greedy}. */
  public static Builder builder() {
    return new Builder();
  }

  /** Says whether no choice is random. */
  public boolean isGreedy() {
    return temperature == 0;
  }

  /** Sets the parts of a {@link Sampling} by name. Not safe for use by more than one thread. */
  public static final class Builder {
    private double temperature;
    private int topK;
    private double topP = 1;
    private double minP;
    private double repetitionPenalty = 1;
    private double presencePenalty;
    private double frequencyPenalty;
    private int noRepeatNgram;
    private List<List<Integer>> badWords = List.of();
    private Map<Integer, Double> logitBias = Map.of();
    private long seed;

    private Builder() {}

    /** Sets what logits are divided by. */
    public Builder temperature(double value) {
      temperature = value;
      return this;
    }

    /** Sets how many of the likeliest tokens stay. */
    public Builder topK(int value) {
      topK = value;
      return this;
    }

    /** Sets up to what probability the likeliest tokens stay. */
    public Builder topP(double value) {
      topP = value;
      return this;
    }

    /** Sets from what part of the likeliest token's probability tokens stay. */
    public Builder minP(double value) {
      minP = value;
      return this;
    }

    /** Sets what divides or multiplies the logits of tokens that were there before. */
    public Builder repetitionPenalty(double value) {
      repetitionPenalty = value;
      return this;
    }

    /** Sets what is taken from the logits of tokens that were generated before. */
    public Builder presencePenalty(double value) {
      presencePenalty = value;
      return this;
    }

    /** Sets what is taken from the logits of tokens each time that they were generated. */
    public Builder frequencyPenalty(double value) {
      frequencyPenalty = value;
      return this;
    }

    /** Sets how long the n-grams are that must not repeat. */
    public Builder noRepeatNgram(int value) {
      noRepeatNgram = value;
      return this;
    }

    /** Sets the sequences of tokens that must not come. */
    public Builder badWords(List<List<Integer>> value) {
      badWords = value;
      return this;
    }

    /** Sets what is added to the logits of tokens. */
    public Builder logitBias(Map<Integer, Double> value) {
      logitBias = value;
      return this;
    }

    /** Sets what the random choices start from. */
    public Builder seed(long value) {
      seed = value;
      return this;
    }

    /**
     * Returns the settings.
     *
     * @throws IllegalArgumentException if one is out of its bounds
     */
    public Sampling build() {
      return new Sampling(
          temperature,
          topK,
          topP,
          minP,
          repetitionPenalty,
          presencePenalty,
          frequencyPenalty,
          noRepeatNgram,
          badWords,
          logitBias,
          seed);
    }
  }
}
