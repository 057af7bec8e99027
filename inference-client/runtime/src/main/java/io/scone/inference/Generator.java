package io.scone.inference;

import io.scone.inference.Generation.StopReason;
import io.scone.tokenizer.Tokenizer;
import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Continues prompts: reads the prompt in one step, then a token a step. It does not own what it is
 * made of. Not safe for use by more than one thread.
 */
public final class Generator {
  private final MainModel model;
  private final RowSource rows;
  private final Tokenizer tokenizer;

  /** Makes a generator over an open model, the source of its rows and its tokenizer. */
  public Generator(MainModel model, RowSource rows, Tokenizer tokenizer) {
    this.model = model;
    this.rows = rows;
    this.tokenizer = tokenizer;
  }

  /**
   * Continues a prompt.
   *
   * @param maxTokens the most tokens to generate, at least 1
   * @param sampling how tokens are chosen
   * @param listener gets the text piece by piece as it comes, in whole characters
   * @throws IllegalArgumentException if the prompt is empty or longer than the model's context
   */
  public Generation generate(
      String prompt, int maxTokens, Sampling sampling, Consumer<String> listener) {
    return generate(tokenizer.encode(prompt), maxTokens, sampling, listener);
  }

  /**
   * Continues a prompt given as tokens.
   *
   * @param maxTokens the most tokens to generate, at least 1
   * @param sampling how tokens are chosen
   * @param listener gets the text piece by piece as it comes, in whole characters
   * @throws IllegalArgumentException if the prompt is empty, longer than the model's context or
   *     holds a token outside the vocabulary
   */
  public Generation generate(
      int[] prompt, int maxTokens, Sampling sampling, Consumer<String> listener) {
    check(prompt, maxTokens);
    int context = model.shape().context();
    // The last token generated is not read.
    int capacity = (int) Math.min(context, prompt.length + maxTokens - 1L);
    try (Sequences sequence = model.begin(1, capacity)) {
      Sampler sampler = new Sampler(sampling);
      TextStream stream = new TextStream(tokenizer);
      StringBuilder text = new StringBuilder();
      Document document = new Document(sequence, prompt);
      long start = System.nanoTime();
      FloatBuffer logits = document.read();
      long prefilled = System.nanoTime();

      StopReason stop = null;
      while (stop == null) {
        int token = sampler.sample(logits);
        if (token == tokenizer.endOfText()) {
          stop = StopReason.END_OF_TEXT;
        } else {
          document.add(token);
          give(stream.append(token), text, listener);
          if (document.size - prompt.length == maxTokens) {
            stop = StopReason.MAX_TOKENS;
          } else if (document.size > context) {
            stop = StopReason.CONTEXT;
          } else {
            logits = document.read();
          }
        }
      }
      give(stream.finish(), text, listener);
      return new Generation(
          prompt.length,
          document.tokensFrom(prompt.length),
          text.toString(),
          stop,
          document.matches,
          Duration.ofNanos(prefilled - start),
          Duration.ofNanos(System.nanoTime() - prefilled));
    }
  }

  private void check(int[] prompt, int maxTokens) {
    if (maxTokens < 1) {
      throw new IllegalArgumentException(
          "the most tokens to generate is " + maxTokens + ", it must be at least 1");
    }
    if (prompt.length == 0) {
      throw new IllegalArgumentException("the prompt is empty; give the text to continue");
    }
    if (prompt.length > model.shape().context()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the prompt has %d tokens, the model's context is %d; shorten the prompt",
              prompt.length,
              model.shape().context()));
    }
    Sequences.checkVocabulary(prompt, model.shape());
  }

  private static void give(String piece, StringBuilder text, Consumer<String> listener) {
    if (!piece.isEmpty()) {
      text.append(piece);
      listener.accept(piece);
    }
  }

  /** The prompt and what was generated after it, which the model reads step by step. */
  private final class Document {
    private final Sequences sequence;
    private final int[] tokens;
    private int size;
    private int matches;

    Document(Sequences sequence, int[] prompt) {
      this.sequence = sequence;
      this.tokens = Arrays.copyOf(prompt, sequence.capacity() + 1);
      this.size = prompt.length;
    }

    void add(int token) {
      tokens[size++] = token;
    }

    /** Reads all tokens that were not read yet and returns the logits of the next one. */
    FloatBuffer read() {
      int unread = sequence.length(0);
      int start = Math.max(0, unread - rows.context());
      FgramRows found =
          rows.find(
              List.of(new TokenWindow(Arrays.copyOfRange(tokens, start, size), unread - start)));
      matches += found.matches();
      int[][] added = {Arrays.copyOfRange(tokens, unread, size)};
      return sequence.append(added, found, new int[] {1});
    }

    List<Integer> tokensFrom(int first) {
      return Arrays.stream(tokens, first, size).boxed().toList();
    }
  }
}
