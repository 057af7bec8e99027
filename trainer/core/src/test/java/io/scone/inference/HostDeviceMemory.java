package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The host's memory behind the interface of a device's, so that a CPU runs what GPUs run. */
final class HostDeviceMemory implements DeviceMemory {
  private final DeviceTensors tensors = new DeviceTensors("Cpu", 0);
  private final Map<Long, Memory> taken = new HashMap<>();

  @Override
  public long allocate(long bytes) {
    Memory memory = new Memory(bytes);
    memory.clear();
    taken.put(Pointer.nativeValue(memory), memory);
    return Pointer.nativeValue(memory);
  }

  @Override
  public void free(long address) {
    taken.remove(address).close();
  }

  @Override
  public ByteBuffer allocateHost(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  @Override
  public void freeHost(ByteBuffer memory) {}

  @Override
  public OnnxTensor tensor(long address, OnnxJavaType type, long... shape) throws OrtException {
    return tensors.over(address, type, shape);
  }

  @Override
  public void copyToDevice(ByteBuffer host, long address, long bytes) {
    memory(address, bytes).put(host.duplicate().position(0).limit((int) bytes));
  }

  @Override
  public void copyToHost(long address, ByteBuffer host, long bytes) {
    host.duplicate().position(0).put(memory(address, bytes));
  }

  @Override
  public void copyPieces(long from, long to, long pieceBytes, long width, int count) {
    for (int piece = 0; piece < count; piece++) {
      memory(to + piece * pieceBytes, width).put(memory(from + piece * pieceBytes, width));
    }
  }

  private static ByteBuffer memory(long address, long bytes) {
    return new Pointer(address).getByteBuffer(0, bytes);
  }

  @Override
  public void await() {}

  @Override
  public long usedBytes() {
    return taken.values().stream().mapToLong(Memory::size).sum();
  }

  @Override
  public void close() {
    tensors.close();
  }
}
