package io.scone.training;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Where a training run stands and what it runs on: a checkpoint's `training.json`. The place in the
 * data follows from the step and the recipe.
 *
 * @param formatVersion the layout of the checkpoint; this release reads {@link #FORMAT_VERSION}
 * @param step the updates done
 * @param recipe the recipe of the run
 * @param corpusFingerprint the content of the training corpus
 * @param tokenizerFingerprint the tokenizer of its tokens
 * @param fgramsFingerprint the content of the f-grams' file, or null if there are none
 * @param mainInitFingerprint the weights that the main model started from, or null if they were
 *     drawn
 * @param fgramInitFingerprint the weights that the f-gram model started from, or null if they were
 *     drawn
 */
public record TrainingState(
    int formatVersion,
    long step,
    TrainingConfig recipe,
    String corpusFingerprint,
    String tokenizerFingerprint,
    String fgramsFingerprint,
    String mainInitFingerprint,
    String fgramInitFingerprint) {
  /** The layout this release writes and reads. */
  public static final int FORMAT_VERSION = 1;

  static final String FILE = "training.json";

  /** Checks the format. */
  public TrainingState {
    if (formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "its format version is "
              + formatVersion
              + " and this release reads version "
              + FORMAT_VERSION);
    }
  }

  /** Returns the state of a run that has not begun. */
  static TrainingState begin(TrainingConfig recipe, TrainingData data, InitialWeights initial)
      throws IOException {
    return new TrainingState(
        FORMAT_VERSION,
        0,
        recipe,
        data.corpusFingerprint(),
        data.corpus().tokenizerFingerprint(),
        data.fgramsFingerprint(),
        initial.mainFingerprint(),
        initial.fgramFingerprint());
  }

  /** Returns the same run, started from what another was where this one does not say. */
  TrainingState startedLike(TrainingState other) {
    return new TrainingState(
        formatVersion,
        step,
        recipe,
        corpusFingerprint,
        tokenizerFingerprint,
        fgramsFingerprint,
        mainInitFingerprint == null ? other.mainInitFingerprint : mainInitFingerprint,
        fgramInitFingerprint == null ? other.fgramInitFingerprint : fgramInitFingerprint);
  }

  /** Returns the same run after other updates. */
  TrainingState atStep(long newStep) {
    return new TrainingState(
        formatVersion,
        newStep,
        recipe,
        corpusFingerprint,
        tokenizerFingerprint,
        fgramsFingerprint,
        mainInitFingerprint,
        fgramInitFingerprint);
  }

  static TrainingState read(Path checkpoint) throws IOException {
    return Json.read(checkpoint.resolve(FILE), TrainingState.class);
  }

  void write(Path checkpoint) throws IOException {
    Json.write(checkpoint.resolve(FILE), this);
  }
}
