package io.scone.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What commands that write files have in common. */
final class Outputs {
  private Outputs() {}

  /** Creates the directory of a file that will be written, where it is missing. */
  static void prepare(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (!Files.isDirectory(directory)) {
      Files.createDirectories(directory);
    }
  }

  /** Returns the time since a {@link System#nanoTime()}. */
  static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }
}
