package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.scone.manifest.BundleManifest;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.LongBuffer;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * The f-gram model: computes the rows of f-grams. Safe for use by many threads, which run side by
 * side.
 *
 * <p>A row's bits depend on its f-gram alone. A run holds f-grams of one length, so no row sees
 * padding; every operator treats f-grams, or tokens, apart from each other; and ONNX Runtime's
 * matrix products on a CPU sum each output in one order whatever the number of rows and threads. On
 * a GPU, where kernels are chosen by the size of a product, all runs have as many f-grams. Rows
 * computed on other processors may differ in their last bits.
 */
public final class FgramModel implements AutoCloseable {
  /** F-grams of a run on a CPU: enough to keep its matrix products busy. */
  private static final int CPU_RUN = 128;

  private static final int GPU_RUN = 1024;

  private final OrtSession session;
  private final boolean onGpu;
  private final int maxNgram;
  private final int dim;

  /** Closing the session under a run would end the process. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private FgramModel(OrtSession session, boolean onGpu, int maxNgram, int dim) {
    this.session = session;
    this.onGpu = onGpu;
    this.maxNgram = maxNgram;
    this.dim = dim;
  }

  /** Opens the f-gram model of a bundle on the CPU, as {@link #open(Bundle, Device, int)} does. */
  public static FgramModel open(Bundle bundle, int threads) throws IOException {
    return open(bundle, Device.CPU, threads);
  }

  /**
   * Opens the f-gram model of a bundle.
   *
   * @param threads how many work on one run on the CPU; 0 for one on each core
   * @throws IOException if the bundle has none, its files are damaged or the device cannot be used
   */
  public static FgramModel open(Bundle bundle, Device device, int threads) throws IOException {
    BundleManifest.FgramModel shape = bundle.fgramShape();
    Dtype dtype = shape.dtype();
    if (device.isCuda() && dtype == Dtype.F32) {
      throw new IOException(
          "the f-gram model computes in f32, and on a GPU it has to be f16 or bf16; export it with"
              + " --fgram-dtype f16, or use --device cpu");
    }
    if (!device.isCuda() && dtype == Dtype.BF16) {
      throw new IOException(
          "the f-gram model computes in bf16, which ONNX Runtime does on GPUs only; export it with"
              + " --fgram-dtype f32 for this CPU");
    }
    return new FgramModel(
        Ort.open(bundle.fgramModel(), device, threads),
        device.isCuda(),
        shape.maxNgram(),
        bundle.manifest().mainModel().dim());
  }

  /** Returns K, the most tokens in an f-gram. */
  public int maxNgram() {
    return maxNgram;
  }

  /** Returns how many f-grams of one length are best computed at once. */
  public int runSize() {
    return onGpu ? GPU_RUN : CPU_RUN;
  }

  /** Returns the values in a row. */
  public int dim() {
    return dim;
  }

  /**
   * Computes the rows of f-grams of one length.
   *
   * @param tokens the f-grams in reading order, one after another
   * @param length tokens in each f-gram, at most K
   * @param rows where the rows go, one after another
   * @param offset where the first row goes
   */
  public void compute(int[] tokens, int length, float[] rows, int offset) {
    if (length < 1 || length > maxNgram || tokens.length % length != 0) {
      throw new IllegalArgumentException(
          tokens.length + " tokens of f-grams of " + length + "; K is " + maxNgram);
    }
    int count = tokens.length / length;
    int most = onGpu ? GPU_RUN : Math.max(1, count);
    for (int done = 0; done < count; done += most) {
      int run = Math.min(most, count - done);
      run(tokens, done * length, run, length, rows, offset + done * dim);
    }
  }

  private void run(int[] tokens, int from, int count, int length, float[] rows, int offset) {
    int computed = onGpu ? GPU_RUN : count; // those beyond the count are of token 0, unread
    long[] wide = new long[computed * length];
    for (int i = 0; i < count * length; i++) {
      wide[i] = tokens[from + i];
    }
    long[] lengths = new long[computed];
    Arrays.fill(lengths, length);
    lock.readLock().lock();
    try (OnnxTensor fgrams = Ort.tensor(LongBuffer.wrap(wide), computed, length);
        OnnxTensor ends = Ort.tensor(LongBuffer.wrap(lengths), computed);
        OrtSession.Result result = session.run(Map.of("fgram_tokens", fgrams, "lengths", ends))) {
      ((OnnxTensor) result.get(0)).getFloatBuffer().get(rows, offset, count * dim);
    } catch (OrtException e) {
      throw new InferenceException("the f-gram model failed", e);
    } finally {
      lock.readLock().unlock();
    }
  }

  /** Waits for runs under way, and frees the model; it must not be used afterwards. */
  @Override
  public void close() {
    lock.writeLock().lock();
    try {
      Ort.close(session);
    } finally {
      lock.writeLock().unlock();
    }
  }
}
