package io.scone.run;

import io.scone.training.TrainingData;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The files that a run is trained on.
 *
 * @param corpus the `.tokens` file to learn
 * @param validation the `.tokens` file to measure the model on; null for none
 * @param fgrams the `fgrams.bin` of the corpus; null in a baseline
 */
public record RunFiles(Path corpus, Path validation, Path fgrams) {
  /**
   * Opens the files.
   *
   * @throws IOException if one is missing or malformed, or they are not of one tokenizer
   */
  public TrainingData open() throws IOException {
    return TrainingData.open(corpus, validation, fgrams);
  }
}
