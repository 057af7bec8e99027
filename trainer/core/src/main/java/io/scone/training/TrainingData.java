package io.scone.training;

import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.manifest.Fingerprint;
import io.scone.mining.FgramCounts;
import io.scone.mining.FgramFile;
import java.io.IOException;
import java.nio.file.Path;

/**
 * What a model is trained on.
 *
 * @param corpus the text to learn
 * @param corpusFingerprint the content of the corpus's file
 * @param validation other text of the same tokenizer, to measure the model on; null for none
 * @param fgrams the f-grams, mined from the corpus; null in a baseline
 * @param fgramsFingerprint the content of the f-grams' file; null in a baseline
 * @param fgramCounts how often the f-grams occur in the corpus; null in a baseline
 */
public record TrainingData(
    TokenCorpus corpus,
    String corpusFingerprint,
    TokenCorpus validation,
    FgramIndex fgrams,
    String fgramsFingerprint,
    FgramCounts fgramCounts) {

  /** Checks that the texts were made by one tokenizer. */
  public TrainingData {
    if (validation != null
        && !validation.tokenizerFingerprint().equals(corpus.tokenizerFingerprint())) {
      throw new IllegalArgumentException(
          "the validation text was not tokenized by the tokenizer of the training corpus: tokenize"
              + " it anew");
    }
  }

  /**
   * Opens the files to train on.
   *
   * @param corpus the `.tokens` file to learn, or the directory of its shards
   * @param validation the like to measure the model on; null for none
   * @param fgrams the `fgrams.bin` that was mined from the corpus; null for a baseline
   * @throws IOException if a file is missing, damaged or was made with another tokenizer
   */
  public static TrainingData open(Path corpus, Path validation, Path fgrams) throws IOException {
    TokenCorpus tokens = TokenCorpus.open(corpus).verify();
    FgramIndex index = null;
    FgramCounts counts = null;
    if (fgrams != null) {
      FgramFile file = FgramFile.open(fgrams);
      if (!file.tokenizerFingerprint().equals(tokens.tokenizerFingerprint())) {
        throw new IOException(
            fgrams + " and " + corpus + " were made with different tokenizers: mine the corpus");
      }
      index = file.index();
      counts = FgramCounts.of(file);
    }
    return new TrainingData(
        tokens,
        tokens.fingerprint(),
        validation == null ? null : TokenCorpus.open(validation).verify(),
        index,
        fgrams == null ? null : Fingerprint.of(fgrams),
        counts);
  }

  /** Returns the same text without f-grams. */
  public TrainingData baseline() {
    return new TrainingData(corpus, corpusFingerprint, validation, null, null, null);
  }

  /** Returns the steps in which a recipe's batches see the whole corpus once. */
  public long stepsPerEpoch(int context, int batch, int accumulation) {
    long windowsPerStep = (long) batch * accumulation;
    return Math.max(1, (Windows.count(corpus, context) + windowsPerStep - 1) / windowsPerStep);
  }

  /** Checks that a model of that shape can be trained on this in batches of so many windows. */
  void check(ModelConfig model, long windowsPerStep) {
    if (model.main().vocabularySize() != corpus.vocabularySize()) {
      throw new IllegalArgumentException(
          "the model has a vocabulary of "
              + model.main().vocabularySize()
              + " tokens and the corpus one of "
              + corpus.vocabularySize());
    }
    if (!model.isBaseline() && fgrams == null) {
      throw new IllegalArgumentException("the model has an f-gram model and there are no f-grams");
    }
    if (!model.isBaseline() && fgrams.maxNgram() != model.fgram().maxNgram()) {
      throw new IllegalArgumentException(
          "the f-grams have up to "
              + fgrams.maxNgram()
              + " tokens and the f-gram model takes "
              + model.fgram().maxNgram());
    }
    int windows = Windows.count(corpus, model.main().context());
    if (windows == 0) {
      throw new IllegalArgumentException(
          "the corpus of "
              + corpus.tokenCount()
              + " tokens is shorter than one context of "
              + model.main().context()
              + ": take more text or a shorter context");
    }
    if (windows < windowsPerStep) {
      throw new IllegalArgumentException(
          "the corpus has "
              + windows
              + " windows of "
              + model.main().context()
              + " tokens and one update takes "
              + windowsPerStep
              + ": take more text or a smaller batch");
    }
  }
}
