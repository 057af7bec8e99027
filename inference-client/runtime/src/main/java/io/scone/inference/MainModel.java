package io.scone.inference;

import io.scone.manifest.BundleManifest;
import java.io.IOException;

/**
 * The main model: gives the logits of the next token of sequences. It holds the weights; what
 * depends on the sequences is in {@link Sequences}.
 *
 * <p>Safe for use by many threads on the CPU, each with sequences of its own, and by one at a time
 * on a GPU. Sequences must be closed before the model.
 */
public final class MainModel implements AutoCloseable {
  private final ModelSession session;
  private final BundleManifest.MainModel shape;

  /** Takes over a session. */
  MainModel(ModelSession session, BundleManifest.MainModel shape) {
    this.session = session;
    this.shape = shape;
  }

  /**
   * Opens the main model of a bundle.
   *
   * @param device where it runs
   * @param threads how many work on one step on the CPU; 0 for one on each core
   * @throws IOException if its files are damaged or the device cannot be used; the message says
   *     what is missing
   */
  public static MainModel open(Bundle bundle, Device device, int threads) throws IOException {
    BundleManifest.MainModel shape = bundle.manifest().mainModel();
    return new MainModel(
        ModelSession.open(bundle.mainModel(), shape.activations(), device, threads), shape);
  }

  /** Returns the model's shape. */
  public BundleManifest.MainModel shape() {
    return shape;
  }

  /**
   * Begins sequences that are read side by side.
   *
   * @param count how many there are
   * @param capacity the most tokens that each may come to, at most the model's context; memory for
   *     all of them is taken at once
   */
  public Sequences begin(int count, int capacity) {
    return new Sequences(session, session.device(), shape, count, capacity);
  }

  /**
   * Does as {@link #begin}, with keys and values in the host's memory wherever the model runs: from
   * and to a GPU they are copied in every step, which a comparison may want to show.
   */
  public Sequences beginInHostMemory(int count, int capacity) {
    return new Sequences(session, null, shape, count, capacity);
  }

  /** Returns how much of its GPU's memory is used, in bytes, by all processes; 0 on the CPU. */
  public long gpuMemoryUsed() {
    return session.device() == null ? 0 : session.device().usedBytes();
  }

  @Override
  public void close() {
    session.close();
  }
}
