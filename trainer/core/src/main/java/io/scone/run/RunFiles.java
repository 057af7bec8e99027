package io.scone.run;

import com.fasterxml.jackson.core.JsonProcessingException;
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
  /** Returns the files that another process has named by {@link #toJson}. */
  public static RunFiles ofJson(String json) {
    try {
      return Values.MAPPER.readValue(json, RunFiles.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no names of files: " + json, e);
    }
  }

  /** Returns the files' absolute paths as JSON, for another process. */
  public String toJson() {
    try {
      return Values.MAPPER.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("paths have a JSON form", e);
    }
  }

  /**
   * Opens the files.
   *
   * @throws IOException if one is missing or malformed, or they are not of one tokenizer
   */
  public TrainingData open() throws IOException {
    return TrainingData.open(corpus, validation, fgrams);
  }
}
