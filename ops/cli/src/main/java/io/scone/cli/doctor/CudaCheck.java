package io.scone.cli.doctor;

import io.scone.inference.Device;
import io.scone.inference.OnnxRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;

/**
 * NVIDIA's GPU, and what running models on it takes.
 *
 * @param driver whether NVIDIA's driver is in this system's kernel
 * @param build whether this build of Scone runs models on GPUs
 * @param missing gives the names of CUDA's libraries that do not load
 */
record CudaCheck(boolean driver, boolean build, Supplier<List<String>> missing) implements Check {
  private static final String LIBRARIES =
      "Install the CUDA, cuBLAS, cuFFT, cuRAND and cuDNN 9 libraries of the CUDA that Scone was built"
          + " for, or name their directories in LD_LIBRARY_PATH.";

  static CudaCheck ofThisMachine() {
    boolean build;
    try {
      var unused = OnnxRuntime.load();
      build = OnnxRuntime.isBuiltForCuda();
    } catch (IOException e) {
      build = false; // the check of ONNX Runtime says so
    }
    return new CudaCheck(
        Files.exists(Path.of("/proc/driver/nvidia/version")),
        build,
        OnnxRuntime::missingCudaLibraries);
  }

  @Override
  public String name() {
    return "gpu";
  }

  @Override
  public Finding look() {
    if (!build) {
      return driver
          ? Finding.warning(
              "there is a GPU, but this build runs models on the CPU only",
              "Build with ./mvnw -Pcuda13 package for CUDA 13, or with -Pcuda12 for CUDA 12.")
          : Finding.ok("none, and a build for the CPU");
    }
    if (!driver) {
      return Finding.warning(
          "none, though this build runs models on GPUs",
          "Install NVIDIA's driver or, in a container, let it have the GPU (--gpus all).");
    }
    List<String> absent = missing.get();
    if (!absent.isEmpty()) {
      return Finding.problem(String.join(", ", absent) + " cannot be loaded", LIBRARIES);
    }
    try {
      OnnxRuntime.requireCuda(new Device(0));
      return Finding.ok("models run on it, with all libraries of CUDA");
    } catch (IOException e) {
      return Finding.problem(e.getMessage(), LIBRARIES);
    }
  }
}
