package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The main model's session with ONNX Runtime on its device. On a GPU it runs in a stream of its
 * own, and runs whose tensors lie where they lay before are replayed as CUDA graphs.
 */
final class ModelSession implements AutoCloseable {
  /** The number of the graph of a run that is neither recorded nor replayed. */
  private static final int NO_GRAPH = -1;

  private final OrtSession session;
  private final DeviceMemory device;
  private final OrtSession.RunOptions plain;
  private final AtomicInteger recordings = new AtomicInteger();

  /**
   * Takes over a session.
   *
   * @param device the memory in which it keeps its tensors, taken over too; null for the host's
   */
  ModelSession(OrtSession session, DeviceMemory device) throws OrtException {
    this.session = session;
    this.device = device;
    this.plain = new OrtSession.RunOptions();
    plain.addRunConfigEntry("gpu_graph_id", Integer.toString(NO_GRAPH));
  }

  /**
   * Opens a model's file.
   *
   * @param dtype the type of its activations
   * @param threads how many work on one run on the CPU; 0 for one on each core
   * @throws IOException if the file is damaged or the device cannot be used; the message says which
   */
  static ModelSession open(Path file, Dtype dtype, Device device, int threads) throws IOException {
    try (OrtSession.SessionOptions options = Ort.options(threads)) {
      if (!device.isCuda()) {
        if (dtype == Dtype.BF16) {
          throw new IOException(
              "the model computes in bf16, which ONNX Runtime does on GPUs only; export it with"
                  + " --dtype f32 for this CPU");
        }
        return new ModelSession(Ort.open(file, options), null);
      }
      if (dtype == Dtype.F32) {
        throw new IOException(
            "the model computes in f32, and on a GPU it has to be f16 or bf16; export it with --dtype f16, or use"
                + " --device cpu");
      }
      Gpu gpu = Gpu.open(device);
      try {
        Ort.addCuda(options, device, settings(gpu));
        return new ModelSession(Ort.open(file, options), gpu);
      } catch (IOException e) {
        gpu.close();
        throw e;
      }
    } catch (OrtException e) {
      throw new IOException("ONNX Runtime cannot be used: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> settings(Gpu gpu) {
    return Map.of(
        "enable_cuda_graph",
        "1",
        "has_user_compute_stream",
        "1",
        "user_compute_stream",
        Long.toUnsignedString(gpu.stream()),
        // Memory for weights is taken once: rounding it up to powers of two would waste up to half.
        "arena_extend_strategy",
        "kSameAsRequested");
  }

  /** Returns the memory of the model's device; null for the host's. */
  DeviceMemory device() {
    return device;
  }

  /** Runs the model and waits for its outputs, which are put into the tensors given. */
  void run(Map<String, OnnxTensor> inputs, Map<String, OnnxTensor> outputs) throws OrtException {
    run(inputs, outputs, plain);
  }

  /**
   * Returns the options of runs that are recorded once and replayed afterwards: all of them with
   * the same tensors, and with the same values of inputs on the host. The session keeps the
   * recording as long as it lives. The caller closes the options.
   */
  OrtSession.RunOptions recorded() throws OrtException {
    OrtSession.RunOptions options = new OrtSession.RunOptions();
    options.addRunConfigEntry("gpu_graph_id", Integer.toString(recordings.incrementAndGet()));
    // Who waits for the copy of the outputs that follows in the stream need not wait twice.
    options.addRunConfigEntry("disable_synchronize_execution_providers", "1");
    return options;
  }

  /** Runs the model; the outputs are put into the tensors given. */
  void run(
      Map<String, OnnxTensor> inputs,
      Map<String, OnnxTensor> outputs,
      OrtSession.RunOptions options)
      throws OrtException {
    session.run(inputs, Set.of(), outputs, options).close(); // owns nothing: all outputs are ours
  }

  @Override
  public void close() {
    plain.close();
    Ort.close(session);
    if (device != null) {
      device.close();
    }
  }
}
