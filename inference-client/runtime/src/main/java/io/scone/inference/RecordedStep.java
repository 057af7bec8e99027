package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scone.manifest.BundleManifest;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A run of the main model over one new token of each of the first slots, which a GPU records once
 * as a CUDA graph and replays: to launch its hundreds of kernels one by one takes longer than they
 * do.
 *
 * <p>All inputs lie in one block of the device's memory, which is filled by a single copy from a
 * block of the host's laid out alike; rows come last, so that only those there are need be copied.
 * Slots that take no part are given their next position, whose keys and values are written again
 * when a token is read there. Not safe for use by more than one thread.
 */
final class RecordedStep implements AutoCloseable {
  /** Inputs begin at multiples of this many bytes, as kernels that read 16 at once want. */
  private static final int ALIGNMENT = 256;

  private final ModelSession session;
  private final DeviceMemory device;
  private final int capacity;
  private final int count;
  private final int vocabularySize;
  private final RowCodec rowCodec;
  private final float[] rowValues;

  private final int positionsAt;
  private final int embeddingsAt;
  private final int lastIndicesAt;
  private final int rowsAt;
  private final ByteBuffer staged;
  private final long memory;
  private final ByteBuffer logits;
  private final long logitsMemory;

  private final Map<String, OnnxTensor> inputs = new HashMap<>();
  private final Map<String, OnnxTensor> outputs = new HashMap<>();
  private final List<OnnxTensor> tensors;
  private final OrtSession.RunOptions options;

  /**
   * Takes the memory of a step.
   *
   * @param cache the keys and values of all slots; the caller's
   * @param count how many slots a step reads a token of
   */
  RecordedStep(ModelSession session, BundleManifest.MainModel shape, KvCache cache, int count)
      throws OrtException {
    this.session = session;
    this.device = session.device();
    this.capacity = cache.capacity();
    this.count = count;
    this.vocabularySize = shape.vocabularySize();
    this.rowCodec = new RowCodec(shape.activations(), shape.dim());
    this.rowValues = new float[shape.dim()];
    this.positionsAt = aligned(count * Long.BYTES);
    this.embeddingsAt = positionsAt + aligned(count * Long.BYTES);
    this.lastIndicesAt = embeddingsAt + aligned(count * Long.BYTES);
    int logitPositionsAt = lastIndicesAt + aligned(count * Integer.BYTES);
    this.rowsAt = logitPositionsAt + aligned(count * Long.BYTES);
    int bytes = Math.addExact(rowsAt, Math.multiplyExact(count, rowCodec.rowBytes()));
    int logitBytes = Math.multiplyExact(count, vocabularySize * Float.BYTES);
    this.staged = device.allocateHost(bytes);
    this.memory = device.allocate(bytes);
    this.logits = device.allocateHost(logitBytes);
    this.logitsMemory = device.allocate(logitBytes);
    for (int slot = 0; slot < count; slot++) {
      staged.putLong(logitPositionsAt + slot * Long.BYTES, slot);
    }

    OnnxJavaType wide = OnnxJavaType.INT64;
    inputs.put("input_ids", device.tensor(memory, wide, count, 1));
    inputs.put("position_ids", device.tensor(memory + positionsAt, wide, count, 1));
    inputs.put("embedding_indices", device.tensor(memory + embeddingsAt, wide, count, 1));
    inputs.put("seqlens_k", device.tensor(memory + lastIndicesAt, OnnxJavaType.INT32, count));
    inputs.put("logit_positions", device.tensor(memory + logitPositionsAt, wide, count));
    inputs.put(
        "fgram_rows",
        device.tensor(memory + rowsAt, Ort.type(shape.activations()), count, shape.dim()));
    // The recording holds this number: it is the most that any step can come to.
    inputs.put("total_sequence_length", Ort.tensor(Ort.ints(1).put(0, capacity)));
    outputs.put("logits", device.tensor(logitsMemory, OnnxJavaType.FLOAT, count, vocabularySize));
    tensors = Stream.concat(inputs.values().stream(), outputs.values().stream()).toList();
    KvCache.View view = cache.view(0, count);
    inputs.putAll(view.past());
    outputs.putAll(view.present());
    options = session.recorded();
  }

  /**
   * Reads a token of each of the first slots.
   *
   * @param tokens the tokens, of at most as many slots as a step reads
   * @param lengths how many tokens each slot of the cache holds
   * @param rows the f-grams that the tokens end; a position is a slot
   * @param meanwhile what this thread does while the GPU computes
   * @return the logits of each of these slots, from 0 to the limit; the buffer holds them until the
   *     next step
   */
  FloatBuffer decode(int[] tokens, int[] lengths, FgramRows rows, Runnable meanwhile) {
    int bytes = stage(tokens, lengths, rows);
    int values = tokens.length * vocabularySize;
    try {
      device.copyToDevice(staged, memory, bytes);
      session.run(inputs, outputs, options);
      device.copyToHost(logitsMemory, logits, (long) values * Float.BYTES);
      meanwhile.run();
      device.await();
    } catch (OrtException e) {
      throw new InferenceException("the main model failed", e);
    }
    return logits.asFloatBuffer().limit(values);
  }

  /** Lays out a step's inputs and returns how many bytes they take. */
  private int stage(int[] tokens, int[] lengths, FgramRows rows) {
    for (int slot = 0; slot < count; slot++) {
      int length = Math.min(lengths[slot], capacity - 1);
      staged.putLong(slot * Long.BYTES, slot < tokens.length ? tokens[slot] : 0);
      staged.putLong(positionsAt + slot * Long.BYTES, length);
      staged.putLong(embeddingsAt + slot * Long.BYTES, slot);
      staged.putInt(lastIndicesAt + slot * Integer.BYTES, length);
    }
    staged.position(rowsAt);
    for (int match = 0; match < rows.matches(); match++) {
      // The rows follow the slots' own embeddings.
      staged.putLong(embeddingsAt + rows.position(match) * Long.BYTES, count + match);
      rows.copyRow(match, rowCodec, staged, rowValues);
    }
    return staged.position();
  }

  private static int aligned(int bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }

  @Override
  public void close() {
    tensors.forEach(OnnxTensor::close);
    options.close();
    device.free(memory);
    device.free(logitsMemory);
    device.freeHost(staged);
    device.freeHost(logits);
  }
}
