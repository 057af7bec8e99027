package io.scone.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.scone.files.AtomicFiles;
import io.scone.training.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a run was made with and of: the file `run.json` of its directory.
 *
 * @param program the program and its release, with the commit that it was built from
 * @param seed what the first weights and the order of the windows were drawn from
 * @param tokenizer the tokenizer as it was named; null if it was not
 * @param tokenizerFingerprint the tokenizer of the corpus
 * @param corpus the `.tokens` file that was learned
 * @param corpusFingerprint its content
 * @param validation the `.tokens` file that the model was measured on; null for none
 * @param fgrams the f-grams' file; null if there is none
 * @param fgramsFingerprint its content; null if there is none
 */
public record RunManifest(
    String program,
    long seed,
    String tokenizer,
    String tokenizerFingerprint,
    String corpus,
    String corpusFingerprint,
    String validation,
    String fgrams,
    String fgramsFingerprint) {
  private static final String FILE = "run.json";

  /** Returns the manifest of a run that begins. */
  public static RunManifest of(
      String program, RunSettings settings, RunFiles files, TrainingData data) {
    return new RunManifest(
        program,
        settings.recipe().seed(),
        settings.data().tokenizer(),
        data.corpus().tokenizerFingerprint(),
        files.corpus().toString(),
        data.corpusFingerprint(),
        name(files.validation()),
        name(files.fgrams()),
        data.fgramsFingerprint());
  }

  /** Reads the manifest of a run's directory, if it has one. */
  static Optional<RunManifest> read(Path run) throws IOException {
    Path file = run.resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Values.MAPPER.readValue(Files.readString(file), RunManifest.class));
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is malformed: " + e.getOriginalMessage(), e);
    }
  }

  void write(Path run) throws IOException {
    AtomicFiles.write(
        run.resolve(FILE),
        Values.MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(this));
  }

  private static String name(Path file) {
    return file == null ? null : file.toString();
  }
}
