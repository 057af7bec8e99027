package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scone.manifest.BundleManifest;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * A run of the main model over any number of new tokens of neighbouring slots, with its inputs and
 * logits in the memory of the host.
 *
 * <p>The buffers grow to the largest step and are used again; a step allocates only small objects.
 * Not safe for use by more than one thread.
 */
final class Step {
  private final ModelSession session;
  private final BundleManifest.MainModel shape;
  private final RowCodec rowCodec;
  private final float[] rowValues;
  private final KvCache cache;

  private LongBuffer tokenIds = Ort.longs(0);
  private LongBuffer positionIds = Ort.longs(0);
  private LongBuffer embeddingIndices = Ort.longs(0);
  private ByteBuffer fgramRows = Ort.buffer(0);
  private LongBuffer logitPositions = Ort.longs(0);
  private final IntBuffer lastIndices;
  private final IntBuffer longest = Ort.ints(1);
  private FloatBuffer logits = Ort.floats(0);

  Step(ModelSession session, BundleManifest.MainModel shape, KvCache cache) {
    this.session = session;
    this.shape = shape;
    this.rowCodec = new RowCodec(shape.activations(), shape.dim());
    this.rowValues = new float[shape.dim()];
    this.cache = cache;
    this.lastIndices = Ort.ints(cache.slots());
  }

  /**
   * Reads new tokens.
   *
   * @param first the first slot
   * @param tokens the new tokens of each slot from there on, padded to the longest
   * @param lengths how many tokens each of these slots holds
   * @param rows the f-grams that the new tokens end
   * @param wanted of each slot, of how many of its last new tokens logits are wanted
   * @return the logits of the wanted positions in order, from 0 to the limit; the buffer holds them
   *     until the next step
   */
  FloatBuffer run(int first, int[][] tokens, int[] lengths, FgramRows rows, int[] wanted) {
    int count = tokens.length;
    int width = Arrays.stream(tokens).mapToInt(each -> each.length).max().orElseThrow();
    int[] flat = new int[Arrays.stream(tokens).mapToInt(each -> each.length).sum()];
    tokenIds = empty(tokenIds, count * width);
    positionIds = empty(positionIds, count * width);
    embeddingIndices = empty(embeddingIndices, count * width);
    logitPositions = empty(logitPositions, Arrays.stream(wanted).sum());
    int read = 0;
    for (int i = 0; i < count; i++) {
      int added = tokens[i].length;
      for (int j = 0; j < width; j++) {
        // Sequences are padded on the right; what the padding computes, nobody reads.
        tokenIds.put(j < added ? tokens[i][j] : 0);
        positionIds.put(Math.min(lengths[i] + j, shape.context() - 1));
        embeddingIndices.put(i * width + j);
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
    run(first, count, width, rows.matches());
    return logits.rewind();
  }

  private void placeRows(FgramRows rows, int[] flat) {
    int own = embeddingIndices.position();
    fgramRows = empty(fgramRows, Math.multiplyExact(rows.matches(), rowCodec.rowBytes()));
    for (int match = 0; match < rows.matches(); match++) {
      // The rows follow the tokens' own embeddings.
      embeddingIndices.put(flat[rows.position(match)], own + match);
      rows.copyRow(match, rowCodec, fgramRows, rowValues);
    }
  }

  private void run(int first, int count, int width, int matches) {
    int wanted = logitPositions.position();
    logits = empty(logits, Math.multiplyExact(wanted, shape.vocabularySize()));
    try (OnnxTensor tokens = Ort.tensor(tokenIds.flip(), count, width);
        OnnxTensor positions = Ort.tensor(positionIds.flip(), count, width);
        OnnxTensor embeddings = Ort.tensor(embeddingIndices.flip(), count, width);
        OnnxTensor rows = Ort.tensor(fgramRows.flip(), shape.activations(), matches, shape.dim());
        OnnxTensor heads = Ort.tensor(logitPositions.flip(), wanted);
        OnnxTensor ends = Ort.tensor(lastIndices.limit(count), count);
        OnnxTensor total = Ort.tensor(longest);
        OnnxTensor scores = Ort.tensor(logits, wanted, shape.vocabularySize())) {
      KvCache.View view = cache.view(first, count);
      Map<String, OnnxTensor> inputs = new HashMap<>(view.past());
      inputs.put("input_ids", tokens);
      inputs.put("position_ids", positions);
      inputs.put("embedding_indices", embeddings);
      inputs.put("fgram_rows", rows);
      inputs.put("logit_positions", heads);
      inputs.put("seqlens_k", ends);
      inputs.put("total_sequence_length", total);
      Map<String, OnnxTensor> outputs = new HashMap<>(view.present());
      outputs.put("logits", scores);
      session.run(inputs, outputs);
    } catch (OrtException e) {
      throw new InferenceException("the main model failed", e);
    } finally {
      lastIndices.clear();
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

  /** Returns the buffer, or a larger one, with room for exactly {@code size} bytes. */
  private static ByteBuffer empty(ByteBuffer buffer, int size) {
    return size <= buffer.capacity() ? buffer.clear().limit(size) : Ort.buffer(size);
  }
}
