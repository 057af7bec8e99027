package io.scone.training;

import io.scone.training.PretrainedWeights.Shape;
import java.io.IOException;
import java.util.Locale;

/**
 * What a run's weights are before its first step, where they are not drawn.
 *
 * @param main what the main model starts from; null to draw its weights
 * @param fgram what the f-gram model starts from; null to draw its weights. Of the position
 *     embeddings it takes as many as it has; projections that it lacks are drawn
 */
public record InitialWeights(PretrainedWeights main, PretrainedWeights fgram) {
  /** All weights are drawn. */
  public static final InitialWeights DRAWN = new InitialWeights(null, null);

  /** Returns what names the main model's first weights, or null if they are drawn. */
  String mainFingerprint() throws IOException {
    return main == null ? null : main.fingerprint();
  }

  /** Returns what names the f-gram model's first weights, or null if they are drawn. */
  String fgramFingerprint() throws IOException {
    return fgram == null ? null : fgram.fingerprint();
  }

  /**
   * Checks that models of that shape can start from these.
   *
   * @throws IllegalArgumentException if not; the message says why
   */
  void check(ModelConfig config) {
    if (main != null) {
      ModelConfig.Main shape = config.main();
      check(
          "main model",
          main.shape(),
          new Shape(shape.context(), shape.dim(), shape.layers(), shape.heads()));
    }
    if (fgram != null && config.isBaseline()) {
      throw new IllegalArgumentException(
          "there is an f-gram model to start from, and a baseline has none");
    }
    if (fgram != null) {
      ModelConfig.Fgram shape = config.fgram();
      check(
          "f-gram model",
          fgram.shape(),
          new Shape(shape.maxNgram(), shape.dim(), shape.layers(), shape.heads()));
      ModelConfig.Combine trained = fgram.combine().orElse(shape.combine());
      if (trained != shape.combine()) {
        throw new IllegalArgumentException(
            String.format(
                "the f-gram model is to make rows by combine %s, and the one it is to start from"
                    + " makes them by combine %s",
                shape.combine(), trained));
      }
      int memory = fgram.memory().orElse(shape.memory());
      if (memory != shape.memory()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "the f-gram model is to have a memory of %,d vectors, and the one it is to start"
                    + " from has %,d",
                shape.memory(),
                memory));
      }
    }
  }

  private static void check(String model, Shape trained, Shape wanted) {
    if (trained.positions() < wanted.positions()
        || !wanted.equals(
            new Shape(wanted.positions(), trained.dim(), trained.layers(), trained.heads()))) {
      throw new IllegalArgumentException(
          String.format(
              "the %s is to have %s, and the one it is to start from has %s",
              model, wanted, trained));
    }
  }

  /** Puts the weights there are into freshly drawn ones. */
  void copyInto(Weights drawn) throws IOException {
    if (main != null) {
      drawn.copy(main, false);
    }
    if (fgram != null) {
      drawn.copy(fgram, true);
    }
  }
}
