package io.scone.generation;

import java.nio.FloatBuffer;

/** A sequence that the model reads on with: its tokens, of which the last was not read yet. */
abstract class Sequence {
  private final TokenHistory history;
  private int slot = -1;
  private int matches;

  Sequence(TokenHistory history, int matches) {
    this.history = history;
    this.matches = matches;
  }

  TokenHistory history() {
    return history;
  }

  /** Returns where its keys and values are. */
  int slot() {
    return slot;
  }

  void moveTo(int newSlot) {
    slot = newSlot;
  }

  /** Returns at how many of the tokens read an f-gram ended. */
  int matches() {
    return matches;
  }

  void matched(int count) {
    matches += count;
  }

  /**
   * Takes the logits of the next token. Sequences do so side by side, each on a thread: nothing
   * else is touched.
   *
   * @param place where in the buffer they are, counted in vocabularies
   */
  abstract void score(FloatBuffer logits, int place, Workspace workspace);
}
