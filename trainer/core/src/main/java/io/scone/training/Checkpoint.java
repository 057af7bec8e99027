package io.scone.training;

import io.scone.files.AtomicFiles;
import io.scone.table.Durable;
import io.scone.table.FileChecksums;
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

  /** Says whether a run's directory, which need not exist, has a checkpoint. */
  public static boolean isIn(Path run) throws IOException {
    return !list(run).isEmpty();
  }

  /**
   * Opens a checkpoint.
   *
   * @param path a checkpoint's directory, or a run's, of which the latest is taken
   * @throws IOException if it is neither, or the checkpoint is malformed or damaged
   */
  public static Checkpoint open(Path path) throws IOException {
    Path directory = find(path);
    verify(directory);
    return new Checkpoint(directory, ModelConfig.read(directory), TrainingState.read(directory));
  }

  /**
   * Checks that the files of a checkpoint that training wrote are what it wrote.
   *
   * @throws IOException if they are not; the message says which
   */
  public static void verify(Path directory) throws IOException {
    if (!Files.exists(directory.resolve(TrainingState.FILE))) {
      return; // weights from elsewhere, without checksums
    }
    Optional<String> damage = FileChecksums.damage(directory);
    if (damage.isPresent()) {
      throw new IOException(
          directory + " is damaged: " + damage.get() + "; delete it to go on from the one before");
    }
  }

  /** Returns the latest checkpoint of a run's directory, which need not exist. */
  static Optional<Checkpoint> latest(Path run) throws IOException {
    return isIn(run) ? Optional.of(open(run)) : Optional.empty();
  }

  /**
   * Writes a checkpoint into a run's directory and deletes all but the latest ones there.
   *
   * @throws IOException if it cannot be saved, as when the disk is full; the others are kept then
   */
  static void write(
      Path run,
      TrainingState state,
      ModelConfig model,
      Weights weights,
      Optimizer optimizer,
      int kept)
      throws IOException {
    Path directory = run.resolve(String.format(Locale.ROOT, "checkpoint-%08d", state.step()));
    Path temporary = AtomicFiles.temporary(directory);
    try {
      Durable.delete(temporary); // what an interrupted run left
      Files.createDirectories(temporary);
      model.write(temporary);
      state.write(temporary);
      weights.write(temporary);
      optimizer.write(temporary);
      FileChecksums.write(temporary);
      AtomicFiles.publish(directory);
    } catch (IOException e) {
      Durable.delete(temporary);
      throw new IOException(
          "%s could not be saved: %s; %s".formatted(directory, e.getMessage(), lastGood(run)), e);
    }
    List<Path> all = list(run);
    for (Path old : all.subList(0, Math.max(0, all.size() - kept))) {
      Durable.delete(old);
    }
  }

  /** Says, for a message about what failed, which checkpoint a run still has. */
  static String lastGood(Path run) throws IOException {
    List<Path> all = list(run);
    return all.isEmpty()
        ? "the run has no checkpoint yet"
        : "the last good checkpoint is " + all.get(all.size() - 1);
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
