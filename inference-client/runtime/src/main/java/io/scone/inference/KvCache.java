package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scone.manifest.BundleManifest;
import io.scone.row.Dtype;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The keys and values of the tokens that sequences have read: for each layer one block of memory
 * for keys and one for values, [slots, heads, capacity, values of a head], in which every sequence
 * has a slot.
 *
 * <p>All memory is taken at the beginning and updated in place: ONNX Runtime gets the same tensor
 * as the past and the present. Neighbouring slots lie one after another, so a tensor can stand for
 * any run of them. Not safe for use by more than one thread.
 */
abstract class KvCache implements AutoCloseable {
  /**
   * Tensors over the memory of neighbouring slots, by the names of the main model's inputs and
   * outputs. They belong to the cache.
   */
  record View(Map<String, OnnxTensor> past, Map<String, OnnxTensor> present) {}

  /** Which slots a view is of. */
  private record Range(int first, int count) {}

  private final BundleManifest.MainModel shape;
  private final int slots;
  private final int capacity;
  private final Map<Range, View> views = new HashMap<>();

  KvCache(BundleManifest.MainModel shape, int slots, int capacity) {
    this.shape = shape;
    this.slots = slots;
    this.capacity = capacity;
  }

  /** Returns the type of keys and values. */
  final Dtype dtype() {
    return shape.activations();
  }

  /** Returns how many sequences there is room for. */
  final int slots() {
    return slots;
  }

  /** Returns the most tokens that a slot has room for. */
  final int capacity() {
    return capacity;
  }

  /** Returns how many blocks of memory there are: keys and values of each layer. */
  final int blocks() {
    return 2 * shape.layers();
  }

  /** Returns how many heads a block holds in each slot. */
  final int heads() {
    return shape.heads();
  }

  /** Returns the bytes of one token in one head of a block. */
  final int tokenBytes() {
    return shape.dim() / shape.heads() * Ort.bytes(dtype());
  }

  /** Returns the bytes of one head of one slot of a block. */
  final long headBytes() {
    return (long) capacity * tokenBytes();
  }

  /** Returns the bytes of one slot of a block. */
  final long slotBytes() {
    return shape.heads() * headBytes();
  }

  /** Returns the tensors of some neighbouring slots. */
  final View view(int first, int count) throws OrtException {
    Range range = new Range(first, count);
    View view = views.get(range);
    if (view == null) {
      view = newView(range);
      views.put(range, view);
    }
    return view;
  }

  private View newView(Range range) throws OrtException {
    Map<String, OnnxTensor> past = new HashMap<>();
    Map<String, OnnxTensor> present = new HashMap<>();
    long[] extents = {range.count, shape.heads(), capacity, shape.dim() / shape.heads()};
    for (int block = 0; block < blocks(); block++) {
      String name = (block % 2 == 0 ? "key." : "value.") + block / 2;
      OnnxTensor tensor = tensor(block, range.first * slotBytes(), extents);
      past.put("past_" + name, tensor);
      present.put("present_" + name, tensor);
    }
    return new View(past, present);
  }

  /** Makes a tensor over memory of a block, from a byte on. */
  abstract OnnxTensor tensor(int block, long offset, long... extents) throws OrtException;

  /** Makes the first {@code length} tokens of a slot those of another. */
  abstract void copy(int from, int to, int length);

  @Override
  public void close() {
    List<View> open = new ArrayList<>(views.values());
    views.clear();
    open.forEach(view -> view.past.values().forEach(OnnxTensor::close));
  }
}
