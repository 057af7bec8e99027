package io.scone.inference;

import io.scone.manifest.BundleManifest;
import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Locale;

/**
 * Slots for sequences that the main model reads side by side, token after token: their lengths, the
 * keys and values of all tokens read, and the buffers of a step.
 *
 * <p>Not safe for use by more than one thread.
 */
public final class Sequences implements AutoCloseable {
  private final BundleManifest.MainModel shape;
  private final int[] lengths;
  private final KvCache cache;
  private final Step step;
  private final Decoder decoder;

  /**
   * Takes the memory.
   *
   * @param device whose memory keys and values are kept in; null for the host's
   */
  Sequences(
      ModelSession session,
      DeviceMemory device,
      BundleManifest.MainModel shape,
      int count,
      int capacity) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " sequences");
    }
    if (capacity < 1 || capacity > shape.context()) {
      throw new IllegalArgumentException(
          "a capacity of " + capacity + " tokens; the model's context is " + shape.context());
    }
    this.shape = shape;
    this.lengths = new int[count];
    this.cache =
        device == null
            ? new HostKvCache(shape, count, capacity)
            : new DeviceKvCache(shape, count, capacity, device);
    this.step = new Step(session, shape, cache);
    this.decoder =
        device == null ? new HostDecoder(step) : new RecordedDecoder(session, shape, cache);
  }

  /** Returns how many slots there are. */
  public int count() {
    return lengths.length;
  }

  /** Returns the most tokens that each sequence may come to. */
  public int capacity() {
    return cache.capacity();
  }

  /** Returns how many tokens of a sequence were read. */
  public int length(int slot) {
    return lengths[slot];
  }

  /** Makes all sequences empty again. */
  public void clear() {
    Arrays.fill(lengths, 0);
  }

  /** Makes a sequence empty again. */
  public void clear(int slot) {
    lengths[slot] = 0;
  }

  /** Makes a slot's sequence that of another slot. */
  public void copy(int from, int to) {
    if (from != to) {
      cache.copy(from, to, lengths[from]);
      lengths[to] = lengths[from];
    }
  }

  /**
   * Reads new tokens of every sequence, side by side.
   *
   * @param tokens the new tokens of each sequence, at least one; the first time as many as each
   *     has, afterwards one of each (ONNX Runtime's attention takes no more), or of a single
   *     sequence any number
   * @param rows the f-grams that the new tokens end; positions count the new tokens of all
   *     sequences in order
   * @param wanted of each sequence, of how many of its last new tokens logits are wanted
   * @return the logits of the wanted positions in order, as many as the vocabulary has tokens for
   *     each, from 0 to the limit; the buffer belongs to this object and holds them until the next
   *     call
   * @throws IllegalArgumentException if a token is outside the vocabulary or a sequence would
   *     outgrow the capacity; nothing was read then
   */
  public FloatBuffer append(int[][] tokens, FgramRows rows, int[] wanted) {
    if (tokens.length != lengths.length || wanted.length != lengths.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tokens of %d sequences and logits of %d, there are %d",
              tokens.length,
              wanted.length,
              lengths.length));
    }
    for (int slot = 0; slot < tokens.length; slot++) {
      if (lengths[slot] > 0 && tokens[slot].length > 1 && tokens.length > 1) {
        throw new IllegalArgumentException("sequences under way read one token each at a time");
      }
      check(slot, tokens[slot], wanted[slot]);
    }
    FloatBuffer logits = step.run(0, tokens, lengths, rows, wanted);
    for (int slot = 0; slot < tokens.length; slot++) {
      lengths[slot] += tokens[slot].length;
    }
    return logits;
  }

  /**
   * Reads new tokens of one sequence, its first or further ones.
   *
   * @param tokens the new tokens, at least one
   * @param rows the f-grams that the new tokens end; positions count them from 0
   * @param wanted of how many of the last new tokens logits are wanted
   * @return as {@link #append} returns them
   * @throws IllegalArgumentException as {@link #append} throws it
   */
  public FloatBuffer prefill(int slot, int[] tokens, FgramRows rows, int wanted) {
    check(slot, tokens, wanted);
    FloatBuffer logits =
        step.run(slot, new int[][] {tokens}, new int[] {lengths[slot]}, rows, new int[] {wanted});
    lengths[slot] += tokens.length;
    return logits;
  }

  /**
   * Reads one new token of each of the first sequences.
   *
   * @param tokens the new token of slot 0, of slot 1 and so on; at least one
   * @param rows the f-grams that the new tokens end; a position is a slot
   * @param meanwhile what this thread is to do while a GPU computes; on a CPU it is done before
   * @return the logits of each of these sequences, as {@link #append} returns them
   * @throws IllegalArgumentException as {@link #append} throws it
   */
  public FloatBuffer decode(int[] tokens, FgramRows rows, Runnable meanwhile) {
    if (tokens.length < 1 || tokens.length > lengths.length) {
      throw new IllegalArgumentException(
          "tokens of " + tokens.length + " sequences, there are " + lengths.length);
    }
    for (int slot = 0; slot < tokens.length; slot++) {
      check(slot, 1);
    }
    checkVocabulary(tokens, shape);
    FloatBuffer logits = decoder.decode(tokens, lengths, rows, meanwhile);
    for (int slot = 0; slot < tokens.length; slot++) {
      lengths[slot]++;
    }
    return logits;
  }

  private void check(int slot, int[] tokens, int wanted) {
    if (tokens.length == 0) {
      throw new IllegalArgumentException("sequence " + slot + " has no new token");
    }
    if (wanted < 0 || wanted > tokens.length) {
      throw new IllegalArgumentException(
          "logits of " + wanted + " tokens, of which " + tokens.length + " are new");
    }
    check(slot, tokens.length);
    checkVocabulary(tokens, shape);
  }

  /** Refuses tokens that there is no room for. */
  private void check(int slot, int added) {
    if (lengths[slot] + added > capacity()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "sequence %d would come to %d tokens, there is room for %d",
              slot,
              lengths[slot] + added,
              capacity()));
    }
  }

  /** Refuses tokens that the model does not know. */
  static void checkVocabulary(int[] tokens, BundleManifest.MainModel shape) {
    for (int token : tokens) {
      if (token < 0 || token >= shape.vocabularySize()) {
        throw new IllegalArgumentException(
            "token "
                + token
                + " is outside the model's vocabulary of "
                + shape.vocabularySize()
                + " tokens");
      }
    }
  }

  /** Frees the memory of keys and values. */
  @Override
  public void close() {
    decoder.close();
    cache.close();
  }
}
