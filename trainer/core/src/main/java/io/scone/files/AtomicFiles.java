package io.scone.files;

import io.scone.table.Durable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Files and directories that appear under their name complete and durable, or not at all. */
public final class AtomicFiles {
  private static final String TEMPORARY = ".partial";

  private AtomicFiles() {}

  /** Returns the sibling where what will be published as {@code target} is written. */
  public static Path temporary(Path target) {
    return target.resolveSibling(target.getFileName() + TEMPORARY);
  }

  /** Forces the temporary sibling of {@code target} to disk and gives it its name. */
  public static void publish(Path target) throws IOException {
    Durable.rename(temporary(target), target);
  }

  /** Writes a small file, replacing one that has its name. */
  public static void write(Path target, byte[] content) throws IOException {
    Files.write(temporary(target), content);
    publish(target);
  }
}
