package io.scone.training;

import java.util.Locale;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.DeviceType;

/** Where training computes. */
public enum ComputeDevice {
  /** The GPU if PyTorch sees one, else the CPU. */
  AUTO,
  /** The CPU, in float32. */
  CPU,
  /** The first CUDA GPU, in bfloat16 with float32 weights. */
  CUDA;

  /** Returns the name used on command lines: `auto`, `cpu` or `cuda`. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Returns the device to use. PyTorch must be loaded.
   *
   * @throws IllegalArgumentException if a GPU is asked for and PyTorch sees none
   */
  DeviceType resolve() {
    boolean cuda = torch.cuda_is_available();
    if (this == CUDA && !cuda) {
      throw new IllegalArgumentException(
          "PyTorch sees no CUDA GPU: choose the device 'cpu', or build with -Pgpu on a machine with"
              + " a GPU and its driver");
    }
    return this == CPU || !cuda ? DeviceType.CPU : DeviceType.CUDA;
  }
}
