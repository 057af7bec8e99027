package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Each setting against logits worked out by hand. Tokens are 0..5, 5 ends the text. */
class LogitsProcessorTest {
  private static final float NONE = Float.NEGATIVE_INFINITY;
  private static final int END_OF_TEXT = 5;

  @Test
  void repetitionPenaltyTakesPromptAndTextOncePerToken() {
    float[] changed =
        process(Sampling.builder().repetitionPenalty(2), new int[] {0, 0, 1}, 2, 2, 2, 1);
    assertArrayEquals(new float[] {2, -8, 1.5f, 2, -1, 0}, changed);
  }

  @Test
  void presenceAndFrequencyCountTheGeneratedTextOnly() {
    int[] prompt = {0, 1};
    int[] text = {2, 3, 2, 2};
    assertArrayEquals(
        new float[] {4, -4, 2.5f, 1.5f, -1, 0},
        process(Sampling.builder().presencePenalty(0.5), prompt, text));
    assertArrayEquals(
        new float[] {4, -4, 2.25f, 1.75f, -1, 0},
        process(Sampling.builder().frequencyPenalty(0.25), prompt, text));
    assertArrayEquals(
        new float[] {4, -4, 1.75f, 1.25f, -1, 0},
        process(Sampling.builder().presencePenalty(0.5).frequencyPenalty(0.25), prompt, text));
  }

  @Test
  void anNgramComesOnce() {
    int[] prompt = {0, 1, 2, 0, 1};
    assertArrayEquals(
        new float[] {4, -4, NONE, NONE, -1, 0},
        process(Sampling.builder().noRepeatNgram(3), prompt, 3, 0, 1));
    assertArrayEquals(
        new float[] {NONE, NONE, NONE, 2, -1, 0},
        process(Sampling.builder().noRepeatNgram(1), prompt));
    assertArrayEquals(
        new float[] {4, -4, 3, 2, -1, 0}, process(Sampling.builder().noRepeatNgram(9), prompt));
  }

  @Test
  void aBadWordIsCutOffBeforeItsLastToken() {
    Sampling.Builder sampling =
        Sampling.builder().badWords(List.of(List.of(4), List.of(0, 1), List.of(1, 0, 2)));
    assertArrayEquals(new float[] {4, NONE, 3, 2, NONE, 0}, process(sampling, new int[] {2}, 0));
    assertArrayEquals(new float[] {4, NONE, NONE, 2, NONE, 0}, process(sampling, new int[] {1}, 0));
    assertArrayEquals(new float[] {4, -4, 3, 2, NONE, 0}, process(sampling, new int[] {1}, 2));
  }

  @Test
  void theTextDoesNotEndBeforeItsLeastNumberOfTokens() {
    int[] prompt = {0, 1, 2};
    assertArrayEquals(
        new float[] {4, -4, 3, 2, -1, NONE}, process(Sampling.builder(), 2, prompt, 1));
    assertArrayEquals(
        new float[] {4, -4, 3, 2, -1, 0}, process(Sampling.builder(), 2, prompt, 1, 1));
  }

  @Test
  void theOrderIsBiasThenPenaltiesThenWhatIsRuledOut() {
    Sampling.Builder all =
        Sampling.builder()
            .logitBias(Map.of(0, 2.0, 4, 100.0))
            .repetitionPenalty(2)
            .presencePenalty(1)
            .badWords(List.of(List.of(4)));
    // (4 + 2) / 2 - 1 and 3 / 2; token 4 stays ruled out in spite of its bias.
    assertArrayEquals(new float[] {2, -4, 1.5f, 2, NONE, 0}, process(all, new int[] {2}, 0));
  }

  private static float[] process(Sampling.Builder sampling, int[] prompt, int... generated) {
    return process(sampling, 0, prompt, generated);
  }

  private static float[] process(
      Sampling.Builder sampling, int minTokens, int[] prompt, int... generated) {
    TokenHistory history = new TokenHistory(prompt);
    for (int token : generated) {
      history.add(token);
    }
    float[] logits = {4, -4, 3, 2, -1, 0};
    for (LogitsProcessor each : LogitsProcessor.of(sampling.build(), minTokens, END_OF_TEXT)) {
      each.process(logits, history);
    }
    return logits;
  }
}
