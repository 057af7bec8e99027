package io.scone.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtProvider;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.IntByReference;
import com.sun.jna.ptr.LongByReference;
import com.sun.jna.ptr.PointerByReference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Locale;

/**
 * The functions of NVIDIA's CUDA runtime that generation needs: memory of a GPU, memory of the host
 * that the GPU copies from and to, copies, and a stream that puts them in order.
 *
 * <p>Addresses of device memory are plain numbers; the host must not read or write there. Errors
 * are {@link InferenceException}s with the runtime's own words.
 */
final class CudaRuntime {
  /** The runtimes that ONNX Runtime 1.28 is built for, the newer first. */
  private static final List<String> LIBRARIES = List.of("libcudart.so.13", "libcudart.so.12");

  private static final int HOST_TO_DEVICE = 1;
  private static final int DEVICE_TO_HOST = 2;
  private static final int DEVICE_TO_DEVICE = 3;

  /** A stream that does not wait for the default one. */
  private static final int NON_BLOCKING = 1;

  private static boolean isLoaded;

  private CudaRuntime() {}

  /**
   * Checks that a GPU can be used.
   *
   * @throws IOException if it cannot; the message says what is missing and how to get it
   */
  static synchronized void require(Device device) throws IOException {
    if (!OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA)) {
      throw new IOException(
          "this build of Scone runs models on the CPU only; build it with ./mvnw -Pcuda13 package"
              + " for CUDA 13 or with -Pcuda12 for CUDA 12, or use --device cpu");
    }
    load();
    IntByReference count = new IntByReference();
    int error = cudaGetDeviceCount(count);
    if (error != 0) {
      throw new IOException(
          "CUDA cannot be used: "
              + cudaGetErrorString(error)
              + "; see whether nvidia-smi lists a GPU and its driver is new enough");
    }
    if (device.gpu() >= count.getValue()) {
      throw new IOException(
          "there is no GPU " + device.gpu() + ": CUDA finds " + count.getValue() + ", from 0 on");
    }
  }

  private static void load() throws IOException {
    if (isLoaded) {
      return;
    }
    UnsatisfiedLinkError last = null;
    for (String name : LIBRARIES) {
      try {
        Native.register(CudaRuntime.class, NativeLibrary.getInstance(name));
        isLoaded = true;
        return;
      } catch (UnsatisfiedLinkError e) {
        last = e;
      }
    }
    throw new IOException(
        "CUDA cannot be used: neither of "
            + LIBRARIES
            + " can be loaded; install the CUDA runtime, or name its directory in LD_LIBRARY_PATH",
        last);
  }

  /** Takes memory of a GPU, filled with zeros. */
  static long allocate(Device device, long bytes) {
    check(cudaSetDevice(device.gpu()));
    PointerByReference memory = new PointerByReference();
    int error = cudaMalloc(memory, bytes);
    if (error != 0) {
      throw new InferenceException(
          String.format(
              Locale.ROOT,
              "%s has no room for another %d MiB, %d MiB of its memory are used: %s",
              device,
              bytes >> 20,
              usedBytes(device) >> 20,
              cudaGetErrorString(error)));
    }
    long address = Pointer.nativeValue(memory.getValue());
    check(cudaMemset(address, 0, bytes));
    return address;
  }

  static void free(long address) {
    check(cudaFree(address));
  }

  /** Returns how many bytes of a GPU's memory are used, by all processes together. */
  static long usedBytes(Device device) {
    LongByReference free = new LongByReference();
    LongByReference total = new LongByReference();
    check(cudaSetDevice(device.gpu()));
    check(cudaMemGetInfo(free, total));
    return total.getValue() - free.getValue();
  }

  /** Takes memory of the host that a GPU copies from and to without help of the processor. */
  static ByteBuffer allocateHost(int bytes) {
    PointerByReference memory = new PointerByReference();
    check(cudaMallocHost(memory, bytes));
    return memory.getValue().getByteBuffer(0, bytes).order(ByteOrder.nativeOrder());
  }

  static void freeHost(ByteBuffer memory) {
    check(cudaFreeHost(address(memory)));
  }

  private static long address(ByteBuffer memory) {
    return Pointer.nativeValue(Native.getDirectBufferPointer(memory));
  }

  /** Makes a stream: what is put into it runs one after another. */
  static long newStream(Device device) {
    check(cudaSetDevice(device.gpu()));
    PointerByReference stream = new PointerByReference();
    check(cudaStreamCreateWithFlags(stream, NON_BLOCKING));
    return Pointer.nativeValue(stream.getValue());
  }

  static void destroyStream(long stream) {
    check(cudaStreamDestroy(stream));
  }

  /** Waits until all that was put into a stream is done. */
  static void await(long stream) {
    check(cudaStreamSynchronize(stream));
  }

  static void copyToDevice(ByteBuffer host, long device, long bytes, long stream) {
    check(cudaMemcpyAsync(device, address(host), bytes, HOST_TO_DEVICE, stream));
  }

  static void copyToHost(long device, ByteBuffer host, long bytes, long stream) {
    check(cudaMemcpyAsync(address(host), device, bytes, DEVICE_TO_HOST, stream));
  }

  static void copyPieces(long from, long to, long pieceBytes, long width, int count, long stream) {
    check(
        cudaMemcpy2DAsync(
            to, pieceBytes, from, pieceBytes, width, count, DEVICE_TO_DEVICE, stream));
  }

  private static void check(int error) {
    if (error != 0) {
      throw new InferenceException("CUDA failed: " + cudaGetErrorString(error));
    }
  }

  private static native int cudaGetDeviceCount(IntByReference count);

  private static native int cudaSetDevice(int device);

  private static native int cudaMalloc(PointerByReference memory, long bytes);

  private static native int cudaFree(long memory);

  private static native int cudaMemset(long memory, int value, long bytes);

  private static native int cudaMemGetInfo(LongByReference free, LongByReference total);

  private static native int cudaMallocHost(PointerByReference memory, long bytes);

  private static native int cudaFreeHost(long memory);

  private static native int cudaMemcpyAsync(long to, long from, long bytes, int kind, long stream);

  private static native int cudaMemcpy2DAsync(
      long to,
      long toPitch,
      long from,
      long fromPitch,
      long width,
      long height,
      int kind,
      long stream);

  private static native int cudaStreamCreateWithFlags(PointerByReference stream, int flags);

  private static native int cudaStreamDestroy(long stream);

  private static native int cudaStreamSynchronize(long stream);

  private static native String cudaGetErrorString(int error);
}
