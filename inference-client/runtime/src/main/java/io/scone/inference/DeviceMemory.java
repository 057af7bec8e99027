package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.nio.ByteBuffer;

/**
 * The memory of a device, and what copies to and from it. Copies and the model's runs follow one
 * another in the order in which they were begun; addresses are the device's, which the host must
 * not touch. For use by the thread of the model.
 */
interface DeviceMemory extends AutoCloseable {
  /** Takes memory of the device, filled with zeros; the caller frees it. */
  long allocate(long bytes);

  /** Waits until all that was begun is done, and frees memory of the device. */
  void free(long address);

  /** Takes memory of the host that the device copies from and to; the caller frees it. */
  ByteBuffer allocateHost(int bytes);

  /** Frees memory of the host; the buffer must not be used any more. */
  void freeHost(ByteBuffer memory);

  /** Returns a tensor over memory, which must live as long as the tensor; the caller closes it. */
  OnnxTensor tensor(long address, OnnxJavaType type, long... shape) throws OrtException;

  /** Begins a copy of the first bytes of the host's memory to the device's. */
  void copyToDevice(ByteBuffer host, long address, long bytes);

  /** Begins a copy of memory of the device to the first bytes of the host's. */
  void copyToHost(long address, ByteBuffer host, long bytes);

  /**
   * Begins a copy within the device of the first {@code width} bytes of each of {@code count}
   * pieces that lie one after another.
   */
  void copyPieces(long from, long to, long pieceBytes, long width, int count);

  /** Waits until all that was begun is done. */
  void await();

  /** Returns how many bytes of the device's memory are used, by all processes together. */
  long usedBytes();

  /** Releases the device, not the memory taken of it. */
  @Override
  void close();
}
