package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A CUDA GPU, with a stream of its own in which a model's runs and copies follow one another. */
final class Gpu implements DeviceMemory {
  private final Device device;
  private final long stream;
  private final DeviceTensors tensors;

  private Gpu(Device device) {
    this.device = device;
    this.stream = CudaRuntime.newStream(device);
    this.tensors = new DeviceTensors("Cuda", device.gpu());
  }

  /**
   * Opens a GPU.
   *
   * @throws IOException if it cannot be used; the message says what is missing and how to get it
   */
  static Gpu open(Device device) throws IOException {
    CudaRuntime.require(device);
    return new Gpu(device);
  }

  /** Returns the stream's handle. */
  long stream() {
    return stream;
  }

  @Override
  public long allocate(long bytes) {
    return CudaRuntime.allocate(device, bytes);
  }

  @Override
  public void free(long address) {
    await();
    CudaRuntime.free(address);
  }

  @Override
  public ByteBuffer allocateHost(int bytes) {
    return CudaRuntime.allocateHost(bytes);
  }

  @Override
  public void freeHost(ByteBuffer memory) {
    CudaRuntime.freeHost(memory);
  }

  @Override
  public OnnxTensor tensor(long address, OnnxJavaType type, long... shape) throws OrtException {
    return tensors.over(address, type, shape);
  }

  @Override
  public void copyToDevice(ByteBuffer host, long address, long bytes) {
    CudaRuntime.copyToDevice(host, address, bytes, stream);
  }

  @Override
  public void copyToHost(long address, ByteBuffer host, long bytes) {
    CudaRuntime.copyToHost(address, host, bytes, stream);
  }

  @Override
  public void copyPieces(long from, long to, long pieceBytes, long width, int count) {
    CudaRuntime.copyPieces(from, to, pieceBytes, width, count, stream);
  }

  @Override
  public void await() {
    CudaRuntime.await(stream);
  }

  @Override
  public long usedBytes() {
    return CudaRuntime.usedBytes(device);
  }

  @Override
  public void close() {
    tensors.close();
    CudaRuntime.destroyStream(stream);
  }
}
