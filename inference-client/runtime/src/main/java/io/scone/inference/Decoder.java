package io.scone.inference;

import java.nio.FloatBuffer;

/** What reads one new token of each of the first slots. */
interface Decoder extends AutoCloseable {
  /**
   * Reads a token of each of the first slots.
   *
   * @param tokens the tokens, of slot 0, of slot 1 and so on
   * @param lengths how many tokens each slot holds
   * @param rows the f-grams that the tokens end; a position is a slot
   * @param meanwhile what this thread does while a GPU computes; before, on a CPU
   * @return the logits of each of these slots, from 0 to the limit; the buffer holds them until the
   *     next step
   */
  FloatBuffer decode(int[] tokens, int[] lengths, FgramRows rows, Runnable meanwhile);

  @Override
  void close();
}
