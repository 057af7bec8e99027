package io.scone.inference;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtProvider;
import ai.onnxruntime.OrtSession;
import com.sun.jna.NativeLibrary;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The ONNX Runtime that this process runs models with, and what it finds on the machine. */
public final class OnnxRuntime {
  /** What the GPU builds of ONNX Runtime 1.28 load, for CUDA 13 and for CUDA 12. */
  private static final List<List<String>> CUDA_LIBRARIES =
      List.of(
          List.of(
              "libcudart.so.13",
              "libcublas.so.13",
              "libcublasLt.so.13",
              "libcufft.so.12",
              "libcurand.so.10",
              "libcudnn.so.9"),
          List.of(
              "libcudart.so.12",
              "libcublas.so.12",
              "libcublasLt.so.12",
              "libcufft.so.11",
              "libcurand.so.10",
              "libcudnn.so.9"));

  private OnnxRuntime() {}

  /**
   * Loads the native library, if it is not, and returns its release, such as {@code 1.28.0}.
   *
   * @throws IOException if it does not load; the message says why
   */
  public static String load() throws IOException {
    try {
      return OrtEnvironment.getEnvironment().getVersion();
    } catch (RuntimeException | LinkageError e) {
      throw new IOException("ONNX Runtime does not load: " + e.getMessage(), e);
    }
  }

  /** Says whether this build runs models on CUDA GPUs, too. */
  public static boolean isBuiltForCuda() {
    return OrtEnvironment.getAvailableProviders().contains(OrtProvider.CUDA);
  }

  /**
   * Returns the names of CUDA's libraries that cannot be loaded: of the version of which most can,
   * the newest if none.
   */
  public static List<String> missingCudaLibraries() {
    List<String> fewest = null;
    for (List<String> version : CUDA_LIBRARIES) {
      List<String> missing = version.stream().filter(name -> !isLoadable(name)).toList();
      if (fewest == null || missing.size() < fewest.size()) {
        fewest = missing;
      }
    }
    return fewest;
  }

  /**
   * Checks that models can run on a GPU.
   *
   * @throws IOException if they cannot; the message says what is missing and how to get it
   */
  public static void requireCuda(Device gpu) throws IOException {
    try (OrtSession.SessionOptions options = Ort.options(0)) {
      Ort.addCuda(options, gpu, Map.of());
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot be used: " + e.getMessage(), e);
    }
  }

  private static boolean isLoadable(String library) {
    try {
      var unused = NativeLibrary.getInstance(library);
      return true;
    } catch (UnsatisfiedLinkError e) {
      return false;
    }
  }
}
