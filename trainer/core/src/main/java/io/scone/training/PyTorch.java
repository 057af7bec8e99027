package io.scone.training;

import java.io.IOException;
import org.bytedeco.pytorch.global.torch;

/** The PyTorch that this process trains with, and what it finds on the machine. */
public final class PyTorch {
  private PyTorch() {}

  /**
   * Loads the native libraries, if they are not, and returns how many CUDA GPUs they can use.
   *
   * @throws IOException if they do not load; the message says why
   */
  public static int load() throws IOException {
    try {
      Torch.load(0);
      return torch.cuda_is_available() ? torch.cuda_device_count() : 0;
    } catch (LinkageError e) {
      throw new IOException("PyTorch does not load: " + e.getMessage(), e);
    }
  }
}
