package io.scone.inference;

import ai.onnxruntime.OrtException;
import io.scone.manifest.BundleManifest;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.Map;

/**
 * A decoder of recorded steps. It keeps one for each of a few numbers of slots and takes the next
 * larger one: a recording is of one number of slots, takes two runs to make, and holds memory.
 */
final class RecordedDecoder implements Decoder {
  /** Up to here every number of slots has its own recording, from there on multiples of it. */
  private static final int STRIDE = 8;

  private final ModelSession session;
  private final BundleManifest.MainModel shape;
  private final KvCache cache;
  private final Map<Integer, RecordedStep> steps = new HashMap<>(); // by their number of slots

  RecordedDecoder(ModelSession session, BundleManifest.MainModel shape, KvCache cache) {
    this.session = session;
    this.shape = shape;
    this.cache = cache;
  }

  @Override
  public FloatBuffer decode(int[] tokens, int[] lengths, FgramRows rows, Runnable meanwhile) {
    int count = tokens.length;
    if (count > STRIDE) {
      count = Math.min(cache.slots(), (count + STRIDE - 1) / STRIDE * STRIDE);
    }
    return steps.computeIfAbsent(count, this::newStep).decode(tokens, lengths, rows, meanwhile);
  }

  private RecordedStep newStep(int count) {
    try {
      return new RecordedStep(session, shape, cache, count);
    } catch (OrtException e) {
      throw new InferenceException("no step for " + count + " sequences can be made", e);
    }
  }

  @Override
  public void close() {
    steps.values().forEach(RecordedStep::close);
  }
}
