package io.scone.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.scone.files.AtomicFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The directory of a training run, which says what the run is: `config.yaml`, its settings with
 * nothing left open, `run.json`, its manifest, and at its end `result.json`, what it came to;
 * beside checkpoints, the log and `data`, the files that were made for it.
 *
 * @param path where it lies
 */
public record RunDirectory(Path path) {
  private static final String CONFIG = "config.yaml";
  private static final String RESULT = "result.json";
  private static final String DATA = "data";

  /** Returns the directory of the run that a checkpoint is of; or of the run itself. */
  public static RunDirectory of(Path checkpointOrRun) {
    Path absolute = checkpointOrRun.toAbsolutePath().normalize();
    boolean run = Files.exists(absolute.resolve(CONFIG)) || absolute.getParent() == null;
    return new RunDirectory(run ? checkpointOrRun : absolute.getParent());
  }

  /** Returns where files go that are made for the run. */
  public Path data() {
    return path.resolve(DATA);
  }

  /** Returns where files go that are made of the run's text: others may share them. */
  public Path data(DataConfig config) {
    return config.directory() == null ? data() : Path.of(config.directory());
  }

  /** Returns the settings that the run began with, if it has. */
  public Optional<RunSettings> settings() throws IOException {
    Path config = path.resolve(CONFIG);
    return Files.exists(config)
        ? Optional.of(RunSettings.defaults().file(config))
        : Optional.empty();
  }

  /** Returns what the run was made with and of, if it has begun. */
  public Optional<RunManifest> manifest() throws IOException {
    return RunManifest.read(path);
  }

  /** Returns what the run came to, if it has ended. */
  public Optional<Map<String, Object>> result() throws IOException {
    Path file = path.resolve(RESULT);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          Values.MAPPER.readValue(
              Files.readString(file), new TypeReference<Map<String, Object>>() {}));
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is malformed: " + e.getOriginalMessage(), e);
    }
  }

  /** Says whether a run of these settings has ended. */
  public boolean isComplete(RunSettings given) throws IOException {
    Optional<RunSettings> begun = settings();
    return begun.isPresent() && begun.get().hasValuesOf(given) && result().isPresent();
  }

  /** Says what the run came to, by name. */
  public void finish(Map<String, ?> result) throws IOException {
    AtomicFiles.write(
        path.resolve(RESULT),
        Values.MAPPER.writer().with(SerializationFeature.INDENT_OUTPUT).writeValueAsBytes(result));
  }

  /**
   * Says what the run is, in the place of what was said before.
   *
   * @param settings its settings, resolved
   */
  public void describe(RunSettings settings, RunManifest manifest) throws IOException {
    Files.createDirectories(path);
    AtomicFiles.write(path.resolve(CONFIG), settings.toYaml().getBytes(StandardCharsets.UTF_8));
    manifest.write(path);
  }
}
