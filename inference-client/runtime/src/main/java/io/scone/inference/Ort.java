package io.scone.inference;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.file.Path;

/** What the models share of ONNX Runtime: its environment, sessions and tensors over buffers. */
final class Ort {
  private static final OrtEnvironment ENVIRONMENT =
      OrtEnvironment.getEnvironment(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR, "scone");

  private Ort() {}

  /**
   * Opens a model's file on the CPU.
   *
   * @param threads how many work on one run; 0 for one on each core
   */
  static OrtSession open(Path file, int threads) throws IOException {
    try (OrtSession.SessionOptions options = options(threads)) {
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
