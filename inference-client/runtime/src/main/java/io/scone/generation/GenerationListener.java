package io.scone.generation;

import java.util.List;

/**
 * Who is told of a generation as it goes on, by the engine's thread: whoever listens must not keep
 * it waiting. A request ends with {@link #onComplete} or {@link #onFailure}, once; who cancels a
 * request that still waits, or closes the engine, calls the latter.
 */
public interface GenerationListener {
  /** The prompt was read. Called first, if the prompt's log-probabilities were asked for. */
  default void onPrompt(List<TokenLogprobs> logprobs) {}

  /**
   * A sequence went on. A beam search, whose beams come and go, does not tell this.
   *
   * @param sequence which one, from 0
   * @param text more of its text, in whole characters, no part of a stop string among them
   * @param logprobs of the tokens that begin in the text given out so far and were not told before,
   *     if they were asked for
   */
  default void onPiece(int sequence, String text, List<TokenLogprobs> logprobs) {}

  /** A sequence is complete. */
  default void onFinish(int sequence, Generation generation) {}

  /** All sequences are complete; a beam search gives the best first. */
  void onComplete(List<Generation> generations);

  /**
   * The request failed, was cancelled ({@link java.util.concurrent.CancellationException}), or the
   * engine closed.
   */
  void onFailure(RuntimeException failure);
}
