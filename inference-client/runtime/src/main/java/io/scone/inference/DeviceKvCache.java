package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import io.scone.manifest.BundleManifest;

/** Keys and values in the memory of a device. */
final class DeviceKvCache extends KvCache {
  private final DeviceMemory device;
  private final long memory;

  /** Takes memory of a device, which is the caller's. */
  DeviceKvCache(BundleManifest.MainModel shape, int slots, int capacity, DeviceMemory device) {
    super(shape, slots, capacity);
    this.device = device;
    // Attention multiplies what it has not read yet by nothing, which must not be NaN: the memory
    // is filled with zeros.
    this.memory = device.allocate(slots * slotBytes() * blocks());
  }

  @Override
  OnnxTensor tensor(int block, long offset, long... extents) throws OrtException {
    return device.tensor(address(block, offset), Ort.type(dtype()), extents);
  }

  @Override
  void copy(int from, int to, int length) {
    long bytes = (long) length * tokenBytes();
    for (int block = 0; block < blocks(); block++) {
      device.copyPieces(
          address(block, from * slotBytes()),
          address(block, to * slotBytes()),
          headBytes(),
          bytes,
          heads());
    }
  }

  private long address(int block, long offset) {
    return memory + slots() * slotBytes() * block + offset;
  }

  @Override
  public void close() {
    super.close();
    device.free(memory);
  }
}
