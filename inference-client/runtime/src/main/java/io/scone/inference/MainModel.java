package io.scone.inference;

import ai.onnxruntime.OrtSession;
import io.scone.manifest.BundleManifest;
import io.scone.row.Dtype;
import java.io.IOException;

/**
 * The main model: gives the logits of the next token of sequences. It holds the weights; what
 * depends on the sequences is in {@link Sequences}.
 *
 * <p>Safe for use by many threads, each with sequences of its own. Sequences must be closed before
 * the model.
 */
public final class MainModel implements AutoCloseable {
  private final OrtSession session;
  private final BundleManifest.MainModel shape;

  private MainModel(OrtSession session, BundleManifest.MainModel shape) {
    this.session = session;
    this.shape = shape;
  }

  /**
   * Opens the main model of a bundle.
   *
   * @param threads how many work on one step; 0 for one on each core
   * @throws IOException if its files are damaged, or it computes in what a CPU cannot
   */
  public static MainModel open(Bundle bundle, int threads) throws IOException {
    BundleManifest.MainModel shape = bundle.manifest().mainModel();
    if (shape.activations() == Dtype.BF16) {
      throw new IOException(
          bundle.directory()
              + " computes in bf16, which ONNX Runtime does on GPUs only; export the model with"
              + " --dtype f32 for this CPU");
    }
    return new MainModel(Ort.open(bundle.mainModel(), threads), shape);
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
    return new Sequences(session, shape, count, capacity);
  }

  @Override
  public void close() {
    Ort.close(session);
  }
}
