package io.scone.generation;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A change of the next token's logits by what the sequence holds so far. A logit of negative
 * infinity rules its token out.
 */
interface LogitsProcessor {
  /** Changes the logits, one a token, in place. */
  void process(float[] logits, TokenHistory history);

  /**
   * Returns those that settings ask for, in the order in which they work.
   *
   * @param minTokens how many tokens must be generated before the text may end
   * @param endOfText the token that ends it
   */
  static List<LogitsProcessor> of(Sampling sampling, int minTokens, int endOfText) {
    List<LogitsProcessor> processors = new ArrayList<>();
    if (!sampling.logitBias().isEmpty()) {
      processors.add(bias(sampling.logitBias()));
    }
    if (sampling.repetitionPenalty() != 1) {
      processors.add(repetitionPenalty((float) sampling.repetitionPenalty()));
    }
    if (sampling.presencePenalty() != 0 || sampling.frequencyPenalty() != 0) {
      processors.add(
          textPenalty((float) sampling.presencePenalty(), (float) sampling.frequencyPenalty()));
    }
    if (sampling.noRepeatNgram() > 0) {
      processors.add(noRepeatNgram(sampling.noRepeatNgram()));
    }
    for (List<Integer> word : sampling.badWords()) {
      processors.add(badWord(word.stream().mapToInt(Integer::intValue).toArray()));
    }
    if (minTokens > 0) {
      processors.add(minTokens(minTokens, endOfText));
    }
    return List.copyOf(processors);
  }

  /** Adds to the logits of tokens, as OpenAI's {@code logit_bias}. */
  private static LogitsProcessor bias(Map<Integer, Double> biases) {
    return (logits, history) -> biases.forEach((token, bias) -> logits[token] += bias.floatValue());
  }

  /** Makes tokens of the prompt and the text less likely, each once, as Hugging Face does. */
  private static LogitsProcessor repetitionPenalty(float penalty) {
    return (logits, history) -> {
      float[] changed = new float[history.size()];
      for (int i = 0; i < changed.length; i++) {
        float logit = logits[history.token(i)];
        changed[i] = logit < 0 ? logit * penalty : logit / penalty;
      }
      for (int i = 0; i < changed.length; i++) {
        logits[history.token(i)] = changed[i]; // the same for each time that a token comes
      }
    };
  }

  /** Makes tokens of the generated text less likely, once and for each time, as OpenAI does. */
  private static LogitsProcessor textPenalty(float presence, float frequency) {
    return (logits, history) -> {
      int first = history.promptLength();
      float[] changed = new float[history.generated()];
      for (int i = 0; i < changed.length; i++) {
        changed[i] = logits[history.token(first + i)] - presence;
      }
      for (int i = 0; i < changed.length; i++) {
        logits[history.token(first + i)] = changed[i];
      }
      for (int i = 0; i < changed.length; i++) {
        logits[history.token(first + i)] -= frequency;
      }
    };
  }

  /** Rules out what would end an n-gram that is there already, in the prompt or after it. */
  private static LogitsProcessor noRepeatNgram(int length) {
    return (logits, history) -> {
      int last = history.size() - (length - 1); // where the n-gram begins that would be ended
      for (int i = 0; i < last; i++) {
        if (history.repeats(i, last, length - 1)) {
          logits[history.token(i + length - 1)] = Float.NEGATIVE_INFINITY;
        }
      }
    };
  }

  /** Rules out the last token of a sequence of tokens that is there but for it. */
  private static LogitsProcessor badWord(int[] word) {
    return (logits, history) -> {
      int start = history.size() - (word.length - 1);
      if (start < 0) {
        return;
      }
      for (int i = 0; i < word.length - 1; i++) {
        if (history.token(start + i) != word[i]) {
          return;
        }
      }
      logits[word[word.length - 1]] = Float.NEGATIVE_INFINITY;
    };
  }

  private static LogitsProcessor minTokens(int count, int endOfText) {
    return (logits, history) -> {
      if (history.generated() < count) {
        logits[endOfText] = Float.NEGATIVE_INFINITY;
      }
    };
  }
}
