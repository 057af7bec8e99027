package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the models share of ONNX Runtime: its environment, sessions and tensors over buffers. */
final class Ort {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "scone");

  private static final Pattern MISSING_LIBRARY =
      Pattern.compile("(lib[\\w.+-]+\\.so[\\w.]*): cannot open shared object file");

  private Ort() {}

  /**
   * Opens a model's file.
   *
   * @param threads how many work on one run on the CPU; 0 for one on each core
   * @throws IOException if the file is damaged or the device cannot be used; the message says which
   */
  static OrtSession open(Path file, Device device, int threads) throws IOException {
    try (OrtSession.SessionOptions options = options(threads)) {
      if (device.isCuda()) {
        addCuda(options, device, Map.of());
      }
      return open(file, options);
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot be used: " + e.getMessage(), e);
    }
  }

  /** Opens a model's file. */
  static OrtSession open(Path file, OrtSession.SessionOptions options) throws IOException {
    try {
      return ENVIRONMENT.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IOException(file + " cannot be opened by ONNX Runtime: " + e.getMessage(), e);
    }
  }

  /**
   * Returns the options of a session; the caller closes them.
   *
   * @param threads how many work on one run on the CPU; 0 for one on each core
   */
  static OrtSession.SessionOptions options(int threads) throws OrtException {
    OrtSession.SessionOptions options = new OrtSession.SessionOptions();
    options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
    options.setIntraOpNumThreads(threads);
    return options;
  }

  /**
   * Has a session run on a GPU.
   *
   * @param settings the CUDA provider's, beside which GPU it is
   * @throws IOException if CUDA cannot be used; the message names a library that is missing
   */
  static void addCuda(
      OrtSession.SessionOptions options, Device device, Map<String, String> settings)
      throws IOException {
    CudaRuntime.require(device); // of what is missing ONNX Runtime does not say how to get it
    try (OrtCUDAProviderOptions cuda = new OrtCUDAProviderOptions(device.gpu())) {
      for (Map.Entry<String, String> setting : settings.entrySet()) {
        cuda.add(setting.getKey(), setting.getValue());
      }
      options.addCUDA(cuda);
    } catch (OrtException e) {
      Matcher missing = MISSING_LIBRARY.matcher(String.valueOf(e.getMessage()));
      throw new IOException(
          missing.find()
              ? "CUDA cannot be used: "
                  + missing.group(1)
                  + " cannot be loaded; install the CUDA, cuBLAS, cuFFT, cuRAND and cuDNN libraries"
                  + " of that version, or name their directories in LD_LIBRARY_PATH"
              : "CUDA cannot be used: " + e.getMessage(),
          e);
    }
  }

  static void close(OrtSession session) {
    try {
      session.close();
    } catch (OrtException e) {
      throw new InferenceException("ONNX Runtime cannot close a session", e);
    }
  }

  /** Returns a tensor over the buffer's remaining values; it must live as long as the tensor. */
  static OnnxTensor tensor(FloatBuffer values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(ENVIRONMENT, values, shape);
  }

  /** Returns a tensor over the buffer's remaining values; it must live as long as the tensor. */
  static OnnxTensor tensor(LongBuffer values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(ENVIRONMENT, values, shape);
  }

  /** Returns a tensor over the buffer's remaining values; it must live as long as the tensor. */
  static OnnxTensor tensor(IntBuffer values, long... shape) throws OrtException {
    return OnnxTensor.createTensor(ENVIRONMENT, values, shape);
  }

  /**
   * Returns a tensor of a model's activations over the buffer's remaining bytes; it must live as
   * long as the tensor.
   */
  static OnnxTensor tensor(ByteBuffer values, Dtype dtype, long... shape) throws OrtException {
    return OnnxTensor.createTensor(ENVIRONMENT, values, shape, type(dtype));
  }

  /** Allocates memory that tensors can lie over without a copy. */
  static FloatBuffer floats(int size) {
    return buffer(size, Float.BYTES).asFloatBuffer();
  }

  /** Allocates memory that tensors can lie over without a copy. */
  static LongBuffer longs(int size) {
    return buffer(size, Long.BYTES).asLongBuffer();
  }

  /** Allocates memory that tensors can lie over without a copy. */
  static IntBuffer ints(int size) {
    return buffer(size, Integer.BYTES).asIntBuffer();
  }

  /** Allocates memory that tensors can lie over without a copy. */
  static ByteBuffer buffer(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  private static ByteBuffer buffer(int size, int bytes) {
    return buffer(Math.multiplyExact(size, bytes));
  }

  /** Returns the bytes of one value of a model's weights and activations. */
  static int bytes(Dtype dtype) {
    return type(dtype).size;
  }

  /** Returns what ONNX Runtime calls a type of weights and activations. */
  static OnnxJavaType type(Dtype dtype) {
    return switch (dtype) {
      case F32 -> OnnxJavaType.FLOAT;
      case F16 -> OnnxJavaType.FLOAT16;
      case BF16 -> OnnxJavaType.BFLOAT16;
      case INT8, INT4 -> throw new IllegalArgumentException("activations are never " + dtype);
    };
  }
}
