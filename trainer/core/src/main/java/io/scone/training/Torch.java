package io.scone.training;

import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.openblas.global.openblas_nolapack;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.MemoryFormatOptional;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Stat;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * PyTorch as this package uses it: loading, autocast, and the way of data in and out of tensors.
 *
 * <p>A tensor is native memory. What is made while a {@link PointerScope} is open is freed at its
 * close, unless {@link Tensor#retainReference} has given it to an owner that closes it.
 */
final class Torch {
  static {
    // JavaCPP gives up once the process is larger than four Java heaps: a guard against leaks that
    // training passes honestly. It reads these properties when its first class is initialised.
    for (String bound : List.of("maxBytes", "maxPhysicalBytes")) {
      String property = "org.bytedeco.javacpp." + bound;
      System.setProperty(property, System.getProperty(property, "0"));
    }
    // PyTorch's threads and OpenBLAS's wait for work by spinning, each on the cores that the others
    // need, and large tensors are touched page by page: together these cost a CPU two thirds of its
    // speed. The libraries read the cures from the environment as they are loaded.
    setDefault("OMP_WAIT_POLICY", "passive");
    setDefault("OPENBLAS_THREAD_TIMEOUT", "12"); // spins 2^12 cycles
    setDefault("THP_MEM_ALLOC_ENABLE", "1"); // huge pages
  }

  /** The GPU that is used. */
  private static final byte FIRST = 0;

  /** How many values of a tensor are in the host's memory as they are written. */
  private static final long PIECE = 1 << 24;

  private Torch() {}

  /**
   * Loads PyTorch; must come before any other use of it.
   *
   * @param threads the CPU threads of one operation, or 0 for PyTorch's own choice
   */
  static void load(int threads) {
    if (threads > 0) {
      torch.set_num_threads(threads);
      openblas_nolapack.blas_set_num_threads(threads); // it does not follow PyTorch's number
    } else {
      torch.get_num_threads();
    }
    // cuDNN plans attention anew for every shape it has not seen, and each batch has another number
    // of distinct f-grams: the plans would take most of a step. PyTorch's own kernels need none.
    torch.globalContext().setSDPUseCuDNN(false);
  }

  /** Runs a computation and frees all tensors it made. */
  @SuppressWarnings("try") // the scope works by being open
  static <T> T scoped(Supplier<T> computation) {
    try (PointerScope scope = new PointerScope()) {
      return computation.get();
    }
  }

  /**
   * Runs a computation and frees all tensors it made but its result, which the caller's scope gets.
   */
  @SuppressWarnings("try") // the scope works by being open
  static Tensor local(Supplier<Tensor> computation) {
    PointerScope outer = PointerScope.getInnerScope();
    try (PointerScope scope = new PointerScope()) {
      Tensor result = computation.get();
      outer.attach(result);
      return result;
    }
  }

  /** Runs a computation that nothing will ask a gradient of. */
  @SuppressWarnings("try") // the guard works by being open
  static <T> T withoutGradients(Supplier<T> computation) {
    try (NoGradGuard guard = new NoGradGuard()) {
      return computation.get();
    }
  }

  /** Runs a computation in bfloat16 where the device is fast at it; weights stay float32. */
  static <T> T autocast(DeviceType device, Supplier<T> computation) {
    if (device == DeviceType.CPU) {
      return computation.get();
    }
    torch.set_autocast_enabled(device, true);
    torch.set_autocast_dtype(device, ScalarType.BFloat16);
    torch.increment_nesting();
    try {
      return computation.get();
    } finally {
      if (torch.decrement_nesting() == 0) {
        torch.clear_cache();
      }
      torch.set_autocast_enabled(device, false);
    }
  }

  /** Returns a zero that belongs to the caller, who closes it. */
  static Tensor zero(DeviceType device) {
    return scoped(() -> torch.zeros(1).to(new Device(device), ScalarType.Float).retainReference());
  }

  /** Returns whole numbers as a vector on the device, without waiting for what a GPU is doing. */
  static Tensor longs(DeviceType device, long[] values) {
    Tensor host = AbstractTensor.create(values);
    if (device == DeviceType.CPU) {
      return host;
    }
    boolean nonBlocking = true; // only possible from pinned memory
    return host.pin_memory()
        .to(new Device(device), ScalarType.Long, nonBlocking, false, new MemoryFormatOptional());
  }

  /** Waits until the device has done all it was given. */
  static void synchronize(DeviceType device) {
    if (device != DeviceType.CPU) {
      torch.cuda_synchronize();
    }
  }

  /** Returns the bytes of all tensors on the device now; 0 on a CPU, which keeps no account. */
  static long allocatedBytes(DeviceType device) {
    return device == DeviceType.CPU ? 0 : allocated(Stat::current);
  }

  /** Returns the most bytes that were allocated since the last {@link #resetPeak}; 0 on a CPU. */
  static long peakBytes(DeviceType device) {
    return device == DeviceType.CPU ? 0 : allocated(Stat::peak);
  }

  /** Forgets the peak of the bytes allocated. */
  static void resetPeak(DeviceType device) {
    if (device != DeviceType.CPU) {
      torch.resetPeakStats(FIRST);
    }
  }

  private static long allocated(ToLongFunction<Stat> of) {
    zero(DeviceType.CUDA).close(); // there is no account before a GPU's first tensor
    return scoped(() -> of.applyAsLong(torch.getDeviceStats(FIRST).allocated_bytes()));
  }

  /** Returns tensors as an operator takes a list of them. */
  static IValue list(List<Tensor> tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
    return new IValue(list);
  }

  /** Returns an operator that C++ has no function for, to be called by the dispatcher. */
  static OperatorHandle operator(String name, String overload) {
    return scoped(() -> Dispatcher.singleton().findSchemaOrThrow(name, overload).retainReference());
  }

  /** Copies a tensor's values, in row-major order. */
  static float[] floats(Tensor tensor) {
    return scoped(
        () -> {
          Tensor host = host(tensor);
          float[] values = new float[Math.toIntExact(host.numel())];
          bytes(host).asFloatBuffer().get(values);
          return values;
        });
  }

  /** Returns a float32 tensor as it is to be written; its values are fetched when asked for. */
  static Safetensors.Source source(Tensor tensor) {
    List<Long> shape = Arrays.stream(tensor.shape()).boxed().toList();
    return new Safetensors.Source(Safetensors.Type.F32, shape, sink -> write(tensor, sink));
  }

  /** Writes a tensor's values; of a GPU's no more than a piece is in the host's memory. */
  @SuppressWarnings("try") // the scope works by being open
  private static void write(Tensor tensor, Safetensors.Sink sink) throws IOException {
    for (long at = 0; at < tensor.numel(); at += PIECE) {
      try (PointerScope scope = new PointerScope()) {
        sink.write(bytes(host(piece(tensor, at, Math.min(PIECE, tensor.numel() - at)))));
      }
    }
  }

  /** Returns a view of some of a tensor's values, in row-major order. */
  private static Tensor piece(Tensor tensor, long begin, long count) {
    return tensor.detach().view(-1).narrow(0, begin, count);
  }

  /**
   * Fills a tensor with the values that a file holds under a name.
   *
   * @throws IOException if the file holds no float32 tensor of that name and shape
   */
  static void read(Safetensors file, String name, Tensor into) throws IOException {
    List<Long> shape = Arrays.stream(into.shape()).boxed().toList();
    if (file.type(name) != Safetensors.Type.F32 || !file.shape(name).equals(shape)) {
      throw new IOException(
          String.format(
              "tensor '%s' is %s %s, and the model's shape asks for F32 %s",
              name, file.type(name), file.shape(name), shape));
    }
    long[] read = {0};
    file.read(
        name,
        values -> {
          long count = values.remaining() / Float.BYTES;
          scoped(
              () ->
                  withoutGradients(
                      () ->
                          piece(into, read[0], count)
                              .copy_(torch.from_blob(new Pointer(values), count))));
          read[0] += count;
        });
  }

  /** Fills a tensor with values in row-major order; what there is more of them is left. */
  static void copy(float[] values, Tensor into) {
    scoped(
        () ->
            withoutGradients(
                () -> into.copy_(torch.from_blob(new FloatPointer(values), into.shape()))));
  }

  private static Tensor host(Tensor tensor) {
    return tensor.detach().to(new Device(DeviceType.CPU), ScalarType.Float).contiguous();
  }

  private static ByteBuffer bytes(Tensor host) {
    return new BytePointer(host.data_ptr())
        .capacity(host.nbytes())
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /** Sets a variable of the process's environment unless the user has set it. */
  private static void setDefault(String variable, String value) {
    if (Platform.isLinux()) {
      NativeLibrary.getProcess().getFunction("setenv").invokeInt(new Object[] {variable, value, 0});
    }
  }
}
