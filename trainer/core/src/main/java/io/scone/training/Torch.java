package io.scone.training;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
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
  }

  private Torch() {}

  /**
   * Loads PyTorch; must come before any other use of it.
   *
   * @param threads the CPU threads of one operation, or 0 for PyTorch's own choice
   */
  static void load(int threads) {
    if (threads > 0) {
      torch.set_num_threads(threads);
    } else {
      torch.get_num_threads();
    }
  }

  /** Runs a computation and frees all tensors it made. */
  @SuppressWarnings("try") // the scope works by being open
  static <T> T scoped(Supplier<T> computation) {
    try (PointerScope scope = new PointerScope()) {
      return computation.get();
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

  /** Returns a tensor on the device; the copy does not wait for what a GPU is doing. */
  static Tensor to(DeviceType device, Tensor host) {
    if (device == DeviceType.CPU) {
      return host;
    }
    return host.pin_memory().to(new Device(device), host.scalar_type(), true, false, null);
  }

  /** Returns whole numbers as a vector on the device. */
  static Tensor longs(DeviceType device, long[] values) {
    return to(device, AbstractTensor.create(values));
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
    return new Safetensors.Source(Safetensors.Type.F32, shape, () -> ByteBuffer.wrap(copy(tensor)));
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
    ByteBuffer values = file.data(name);
    scoped(
        () ->
            withoutGradients(() -> into.copy_(torch.from_blob(new Pointer(values), into.shape()))));
  }

  private static byte[] copy(Tensor tensor) {
    return scoped(
        () -> {
          Tensor host = host(tensor);
          byte[] values = new byte[Math.toIntExact(host.nbytes())];
          bytes(host).get(values);
          return values;
        });
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
}
