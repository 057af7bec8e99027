package io.scone.files;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

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
    Path temporary = temporary(target);
    try (Stream<Path> tree = Files.walk(temporary)) {
      for (Path path : (Iterable<Path>) tree::iterator) {
        force(path);
      }
    }
    Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
    force(target.toAbsolutePath().getParent());
  }

  /** Writes a small file, replacing one that has its name. */
  public static void write(Path target, byte[] content) throws IOException {
    Files.write(temporary(target), content);
    publish(target);
  }

  /** Deletes a file or a directory with all it holds, if it exists. */
  public static void delete(Path path) throws IOException {
    if (Files.exists(path)) {
      List<Path> deepestFirst;
      try (Stream<Path> tree = Files.walk(path)) {
        deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
      }
      for (Path each : deepestFirst) {
        Files.delete(each);
      }
    }
  }

  private static void force(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
