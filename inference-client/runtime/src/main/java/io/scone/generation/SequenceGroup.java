package io.scone.generation;

import java.nio.FloatBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * A request in the engine: the sequences that continue one prompt. Only {@link #cancel} and what
 * asks for it may be called by other threads than the engine's.
 */
abstract class SequenceGroup implements GenerationHandle {
  private final int[] prompt;
  private final GenerationOptions options;
  private final GenerationListener listener;
  private final List<TokenLogprobs> promptLogprobs = new ArrayList<>();
  private final long submitted = System.nanoTime();
  private long begun = submitted;
  private long prefilled;
  private int read;
  private int slot = -1;
  private int matches;
  private volatile boolean cancelled;

  SequenceGroup(GenerationRequest request, GenerationListener listener) {
    this.prompt = request.prompt();
    this.options = request.options();
    this.listener = listener;
    if (options.promptLogprobs()) {
      promptLogprobs.add(new TokenLogprobs(prompt[0], Double.NaN, List.of()));
    }
  }

  int[] prompt() {
    return prompt;
  }

  GenerationOptions options() {
    return options;
  }

  GenerationListener listener() {
    return listener;
  }

  @Override
  public void cancel() {
    cancelled = true;
  }

  boolean isCancelled() {
    return cancelled;
  }

  /** Returns how many tokens of the prompt were read. */
  int read() {
    return read;
  }

  boolean isPromptRead() {
    return read == prompt.length;
  }

  /** Returns where the prompt is read to. */
  int slot() {
    return slot;
  }

  /** Begins to read the prompt into a slot. */
  void beginPrompt(int intoSlot) {
    slot = intoSlot;
    begun = System.nanoTime();
  }

  /** Notes that more of the prompt was read, at some of whose tokens f-grams ended. */
  void readPrompt(int tokens, int matched) {
    read += tokens;
    matches += matched;
    prefilled = System.nanoTime();
  }

  /** Returns at how many tokens of the prompt an f-gram ended. */
  int matches() {
    return matches;
  }

  List<TokenLogprobs> promptLogprobs() {
    return promptLogprobs;
  }

  /** Returns a continuation's record. */
  Generation generation(
      Sequence sequence,
      String text,
      Generation.StopReason reason,
      List<TokenLogprobs> logprobs,
      double score) {
    return new Generation(
        prompt.length,
        sequence.history().generatedTokens(),
        text,
        reason,
        logprobs,
        score,
        sequence.matches(),
        Duration.ofNanos(begun - submitted),
        Duration.ofNanos(prefilled - begun),
        Duration.ofNanos(System.nanoTime() - prefilled));
  }

  /**
   * Makes the sequences, once the prompt was read into the group's slot.
   *
   * @param logits those of the next token, at the place 0
   */
  abstract void begin(FloatBuffer logits, Workspace workspace, Slots slots);

  /** Goes on by the tokens that the sequences have chosen, and tells the listener. */
  abstract void advance(Slots slots);

  /** Returns how many sequences are read on with from now on, at most. */
  abstract int width();

  /** Returns the sequences that are read on with. */
  abstract List<? extends Sequence> running();

  /** Says whether the prompt was read and no sequence goes on. */
  boolean isDone() {
    return isPromptRead() && running().isEmpty();
  }
}
