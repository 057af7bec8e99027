package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
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
   * Opens a model's file.
   *
   * @param threads how many work on one run; 0 for one on each core
   */
  static OrtSession open(Path file, int threads) throws IOException {
    try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
      options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
      options.setIntraOpNumThreads(threads);
      return ENVIRONMENT.createSession(file.toString(), options);
    } catch (OrtException e) {
      throw new IOException(file + " cannot be opened by ONNX Runtime: " + e.getMessage(), e);
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

  /** Allocates memory that tensors can lie over without a copy. */
  static FloatBuffer floats(int size) {
    return bytes(size, Float.BYTES).asFloatBuffer();
  }

  /** Allocates memory that tensors can lie over without a copy. */
  static LongBuffer longs(int size) {
    return bytes(size, Long.BYTES).asLongBuffer();
  }

  /** Allocates memory that tensors can lie over without a copy. */
  static IntBuffer ints(int size) {
    return bytes(size, Integer.BYTES).asIntBuffer();
  }

  private static ByteBuffer bytes(int size, int bytes) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(size, bytes))
        .order(ByteOrder.nativeOrder());
  }
}
