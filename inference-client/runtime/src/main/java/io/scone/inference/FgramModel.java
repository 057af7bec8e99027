package io.scone.inference;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
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
 * matrix products on a CPU sum each output in one order whatever the number of rows and threads.
 * Rows computed on processors with other vector instructions may differ in their last bits.
 */
public final class FgramModel implements AutoCloseable {
  private final OrtSession session;
  private final int maxNgram;
  private final int dim;

  /** Closing the session under a run would end the process. */
  private final ReadWriteLock lock = new ReentrantReadWriteLock();

  private FgramModel(OrtSession session, int maxNgram, int dim) {
    this.session = session;
    this.maxNgram = maxNgram;
    this.dim = dim;
  }

  /**
   * Opens the f-gram model of a bundle.
   *
   * @param threads how many work on one run; 0 for one on each core
   * @throws IOException if its files are damaged
   */
  public static FgramModel open(Bundle bundle, int threads) throws IOException {
    return new FgramModel(
        Ort.open(bundle.fgramModel(), threads),
        bundle.manifest().fgramModel().maxNgram(),
        bundle.manifest().mainModel().dim());
  }

  /** Returns K, the most tokens in an f-gram. */
  public int maxNgram() {
    return maxNgram;
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
    if (count == 0) {
      return;
    }
    long[] wide = Arrays.stream(tokens).asLongStream().toArray();
    long[] lengths = new long[count];
    Arrays.fill(lengths, length);
    lock.readLock().lock();
    try (OnnxTensor fgrams = Ort.tensor(LongBuffer.wrap(wide), count, length);
        OnnxTensor ends = Ort.tensor(LongBuffer.wrap(lengths), count);
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
