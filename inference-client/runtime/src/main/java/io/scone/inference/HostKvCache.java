package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scone.manifest.BundleManifest;
import java.nio.ByteBuffer;

/** Keys and values in the memory of the host, for a model that runs on the CPU. */
final class HostKvCache extends KvCache {
  private final ByteBuffer[] blocks;

  HostKvCache(BundleManifest.MainModel shape, int slots, int capacity) {
    super(shape, slots, capacity);
    if (slots * slotBytes() > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          slots
              + " sequences of "
              + capacity
              + " tokens take more than 2 GiB a layer for their keys; use fewer or shorter ones");
    }
    this.blocks = new ByteBuffer[blocks()];
    for (int block = 0; block < blocks.length; block++) {
      blocks[block] = Ort.buffer((int) (slots * slotBytes()));
    }
  }

  @Override
  OnnxTensor tensor(int block, long offset, long... extents) throws OrtException {
    int bytes = (int) (extents[0] * slotBytes());
    return Ort.tensor(blocks[block].slice((int) offset, bytes), dtype(), extents);
  }

  @Override
  void copy(int from, int to, int length) {
    int bytes = length * tokenBytes();
    for (ByteBuffer block : blocks) {
      for (int head = 0; head < heads(); head++) {
        int source = (int) (from * slotBytes() + head * headBytes());
        int target = (int) (to * slotBytes() + head * headBytes());
        block.put(target, block, source, bytes);
      }
    }
  }
}
