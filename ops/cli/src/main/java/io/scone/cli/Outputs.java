package io.scone.cli;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What commands that write files have in common. */
final class Outputs {
  private Outputs() {}

  /**
   * Creates the directory of a file that will be written, where it is missing.
   *
   * @throws IOException if the file could not be written: better now than after hours of work
   */
  static void prepare(Path file) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException(file + " is a directory; name the file to write");
    }
    Path directory = file.toAbsolutePath().getParent();
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(directory);
      }
      Files.delete(Files.createTempFile(directory, ".scone", ""));
    } catch (FileSystemException e) {
      throw new IOException(
          file + " cannot be written: " + Complaint.reason(e) + "; choose another directory", e);
    }
  }

  /** Returns the time since a {@link System#nanoTime()}. */
  static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }
}
