package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scone.manifest.BundleManifest;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Sequences that the main model reads side by side, token after token: their lengths, the keys and
 * values of all tokens read, and the buffers of a step.
 *
 * <p>The memory of keys and values is taken at the beginning and updated in place: ONNX Runtime
 * gets the same tensor as the past and the present. The other buffers grow to the largest step and
 * are used again; a step allocates only small objects. Not safe for use by more than one thread.
 */
public final class Sequences implements AutoCloseable {
  private final OrtSession session;
  private final BundleManifest.MainModel shape;
  private final int capacity;
  private final int[] lengths;

  /** What the session takes and gives by name; the tensors of keys and values stay there. */
  private final Map<String, OnnxTensor> inputs = new HashMap<>();

  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final List<OnnxTensor> cache = new ArrayList<>();

  private final IntBuffer lastIndices;
  private final IntBuffer longest = Ort.ints(1);
  private LongBuffer tokenIds = Ort.longs(0);
  private LongBuffer positionIds = Ort.longs(0);
  private LongBuffer fgramPositions = Ort.longs(0);
  private FloatBuffer fgramRows = Ort.floats(0);
  private LongBuffer logitPositions = Ort.longs(0);
  private FloatBuffer logits = Ort.floats(0);

  Sequences(OrtSession session, BundleManifest.MainModel shape, int count, int capacity) {
    if (count < 1) {
      throw new IllegalArgumentException(count + " sequences");
    }
    if (capacity < 1 || capacity > shape.context()) {
      throw new IllegalArgumentException(
          "a capacity of " + capacity + " tokens; the model's context is " + shape.context());
    }
    long cacheSize = (long) count * capacity * shape.dim();
    if (cacheSize > Integer.MAX_VALUE / Float.BYTES) {
      throw new IllegalArgumentException(
          count
              + " sequences of "
              + capacity
              + " tokens take more than 2 GiB a layer for their keys; use fewer or shorter ones");
    }
    this.session = session;
    this.shape = shape;
    this.capacity = capacity;
    this.lengths = new int[count];
    this.lastIndices = Ort.ints(count);
    try {
      for (int layer = 0; layer < shape.layers(); layer++) {
        addCache("key." + layer, (int) cacheSize);
        addCache("value." + layer, (int) cacheSize);
      }
    } catch (OrtException e) {
      close();
      throw new InferenceException("no memory for keys and values", e);
    }
  }

  private void addCache(String name, int size) throws OrtException {
    OnnxTensor tensor =
        Ort.tensor(
            Ort.floats(size), lengths.length, shape.heads(), capacity, shape.dim() / shape.heads());
    cache.add(tensor);
    inputs.put("past_" + name, tensor);
    outputs.put("present_" + name, tensor);
  }

  /** Returns how many sequences there are. */
  public int count() {
    return lengths.length;
  }

  /** Returns the most tokens that each sequence may come to. */
  public int capacity() {
    return capacity;
  }

  /** Returns how many tokens of a sequence were read. */
  public int length(int sequence) {
    return lengths[sequence];
  }

  /** Makes all sequences empty again. */
  public void clear() {
    Arrays.fill(lengths, 0);
  }

  /**
   * Reads new tokens of every sequence.
   *
   * @param tokens the new tokens of each sequence, at least one; the first time as many as each
   *     has, afterwards one of each, or of a single sequence any number (ONNX Runtime's attention
   *     takes no more)
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
    check(tokens, wanted);
    int count = tokens.length;
    int width = Arrays.stream(tokens).mapToInt(each -> each.length).max().orElseThrow();
    int[] flat = new int[Arrays.stream(tokens).mapToInt(each -> each.length).sum()];
    tokenIds = empty(tokenIds, count * width);
    positionIds = empty(positionIds, count * width);
    logitPositions = empty(logitPositions, Arrays.stream(wanted).sum());
    int read = 0;
    for (int i = 0; i < count; i++) {
      int added = tokens[i].length;
      for (int j = 0; j < width; j++) {
        // Sequences are padded on the right; what the padding computes, nobody reads.
        tokenIds.put(j < added ? tokens[i][j] : 0);
        positionIds.put(Math.min(lengths[i] + j, shape.context() - 1));
      }
      for (int j = 0; j < added; j++) {
        flat[read++] = i * width + j;
      }
      for (int j = added - wanted[i]; j < added; j++) {
        logitPositions.put(i * width + j);
      }
      lastIndices.put(i, lengths[i] + added - 1);
    }
    longest.put(0, Arrays.stream(lengths).max().orElseThrow() + width);
    placeRows(rows, flat);
    run(count, width);
    for (int i = 0; i < count; i++) {
      lengths[i] += tokens[i].length;
    }
    return logits.rewind();
  }

  private void placeRows(FgramRows rows, int[] flat) {
    fgramPositions = empty(fgramPositions, rows.matches());
    fgramRows = empty(fgramRows, Math.multiplyExact(rows.matches(), shape.dim()));
    for (int match = 0; match < rows.matches(); match++) {
      fgramPositions.put(flat[rows.position(match)]);
      rows.copyRow(match, fgramRows);
    }
  }

  private void run(int count, int width) {
    int wanted = logitPositions.position();
    int matches = fgramPositions.position();
    logits = empty(logits, Math.multiplyExact(wanted, shape.vocabularySize()));
    try (OnnxTensor tokens = Ort.tensor(tokenIds.flip(), count, width);
        OnnxTensor positions = Ort.tensor(positionIds.flip(), count, width);
        OnnxTensor scattered = Ort.tensor(fgramPositions.flip(), matches, 1);
        OnnxTensor rows = Ort.tensor(fgramRows.flip(), matches, shape.dim());
        OnnxTensor heads = Ort.tensor(logitPositions.flip(), wanted);
        OnnxTensor ends = Ort.tensor(lastIndices, count);
        OnnxTensor total = Ort.tensor(longest);
        OnnxTensor scores = Ort.tensor(logits, wanted, shape.vocabularySize())) {
      inputs.put("input_ids", tokens);
      inputs.put("position_ids", positions);
      inputs.put("fgram_positions", scattered);
      inputs.put("fgram_rows", rows);
      inputs.put("logit_positions", heads);
      inputs.put("seqlens_k", ends);
      inputs.put("total_sequence_length", total);
      outputs.put("logits", scores);
      session.run(inputs, outputs).close(); // owns nothing: every output is one of ours
    } catch (OrtException e) {
      throw new InferenceException("the main model failed", e);
    }
  }

  private void check(int[][] tokens, int[] wanted) {
    if (tokens.length != lengths.length || wanted.length != lengths.length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "tokens of %d sequences and logits of %d, there are %d",
              tokens.length,
              wanted.length,
              lengths.length));
    }
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i].length == 0) {
        throw new IllegalArgumentException("sequence " + i + " has no new token");
      }
      if (wanted[i] < 0 || wanted[i] > tokens[i].length) {
        throw new IllegalArgumentException(
            "logits of " + wanted[i] + " tokens, of which " + tokens[i].length + " are new");
      }
      if (lengths[i] + tokens[i].length > capacity) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "sequence %d would come to %d tokens, there is room for %d",
                i,
                lengths[i] + tokens[i].length,
                capacity));
      }
      if (lengths[i] > 0 && tokens[i].length > 1 && tokens.length > 1) {
        throw new IllegalArgumentException("sequences under way read one token each at a time");
      }
      checkVocabulary(tokens[i], shape);
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

  /** Returns the buffer, or a larger one, with room for exactly {@code size} values. */
  private static LongBuffer empty(LongBuffer buffer, int size) {
    return size <= buffer.capacity() ? buffer.clear().limit(size) : Ort.longs(size);
  }

  /** Returns the buffer, or a larger one, with room for exactly {@code size} values. */
  private static FloatBuffer empty(FloatBuffer buffer, int size) {
    return size <= buffer.capacity() ? buffer.clear().limit(size) : Ort.floats(size);
  }

  @Override
  public void close() {
    cache.forEach(OnnxTensor::close);
  }
}
