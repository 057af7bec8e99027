package io.scone.inference;

import io.scone.row.Dtype;
import java.io.IOException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a model runs.
 *
 * @param gpu the number of a CUDA GPU, from 0; {@link #HOST} for the CPU
 */
public record Device(int gpu) {
  private static final int HOST = -1;

  /** The processor of the host. */
  public static final Device CPU = new Device(HOST);

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");

  /** Checks the number. */
  public Device {
    if (gpu < HOST) {
      throw new IllegalArgumentException("there is no GPU " + gpu);
    }
  }

  /**
   * Returns the device of that name: {@code cpu}, {@code cuda} for the first GPU, {@code cuda:N},
   * or {@code auto} for the first GPU where one can be used for the model and the CPU otherwise.
   *
   * @param activations the type of the model's activations; a GPU takes no f32
   * @throws IllegalArgumentException if there is no such name
   */
  public static Device of(String name, Dtype activations) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches()) {
      return new Device(cuda.group(1) == null ? 0 : Integer.parseInt(cuda.group(1)));
    }
    return switch (name) {
      case "cpu" -> CPU;
      case "auto" -> activations == Dtype.F32 ? CPU : firstUsable();
      default ->
          throw new IllegalArgumentException(
              "no device '" + name + "'; there are auto, cpu, cuda and cuda:N");
    };
  }

  private static Device firstUsable() {
    Device first = new Device(0);
    try {
      CudaRuntime.require(first);
      return first;
    } catch (IOException e) {
      return CPU;
    }
  }

  /** Says whether this is a CUDA GPU. */
  public boolean isCuda() {
    return gpu != HOST;
  }

  /** Returns the device's name. */
  @Override
  public String toString() {
    return isCuda() ? "cuda:" + gpu : "cpu";
  }
}
