package io.scone.training;

import io.scone.files.AtomicFiles;
import io.scone.table.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A training run at one step, on disk: a directory `checkpoint-STEP` inside the run's, with the
 * weights, their shape, the optimizer's moments and the state of the run. It appears complete and
 * durable or not at all.
 *
 * @param directory where it lies
 * @param model the models' shapes
 * @param state where the run stood
 */
public record Checkpoint(Path directory, ModelConfig model, TrainingState state) {
  private static final Pattern NAME = Pattern.compile("checkpoint-(\\d{8,})");

  /**
   * Finds a checkpoint's directory.
   *
   * @param path a checkpoint's directory, or a run's, of which the latest is taken
   * @throws IOException if it is neither
   */
  public static Path find(Path path) throws IOException {
    if (Files.exists(path.resolve(ModelConfig.FILE))) {
      return path;
    }
    List<Path> all = list(path);
    if (all.isEmpty()) {
      throw new IOException(path + " is neither a checkpoint nor a training run that has one");
    }
    return all.get(all.size() - 1);
  }

  /**
   * Opens a checkpoint.
   *
   * @param path a checkpoint's directory, or a run's, of which the latest is taken
   * @throws IOException if it is neither, or the checkpoint is malformed
   */
  public static Checkpoint open(Path path) throws IOException {
    Path directory = find(path);
    return new Checkpoint(directory, ModelConfig.read(directory), TrainingState.read(directory));
  }

  /** Returns the latest checkpoint of a run's directory, which need not exist. */
  static Optional<Checkpoint> latest(Path run) throws IOException {
    return list(run).isEmpty() ? Optional.empty() : Optional.of(open(run));
  }

  /** Writes a checkpoint into a run's directory and deletes all but the latest ones there. */
  static void write(
      Path run, TrainingState state, ModelConfig model, Weights weights, AdamW optimizer, int kept)
      throws IOException {
    Path directory = run.resolve(String.format(Locale.ROOT, "checkpoint-%08d", state.step()));
    Path temporary = AtomicFiles.temporary(directory);
    Durable.delete(temporary); // what an interrupted run left
    Files.createDirectories(temporary);
    model.write(temporary);
    state.write(temporary);
    weights.write(temporary);
    optimizer.write(temporary);
    AtomicFiles.publish(directory);
    List<Path> all = list(run);
    for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
      Durable.delete(old);
    }
  }

  private static List<Path> list(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(run)) {
      return entries
          .filter(entry -> NAME.matcher(entry.getFileName().toString()).matches())
          .sorted((a, b) -> Long.compare(step(a), step(b)))
          .toList();
    }
  }

  private static long step(Path directory) {
    return Long.parseLong(directory.getFileName().toString().replace("checkpoint-", ""));
  }
}
