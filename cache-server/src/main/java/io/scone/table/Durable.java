package io.scone.table;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * File operations that are on disk when they return, for whatever is built beside its final name.
 */
public final class Durable {
  private Durable() {}

  /** Gives a finished file or directory tree its name, all of it on disk first. */
  public static void rename(Path from, Path to) throws IOException {
    for (Path path : depthFirst(from)) {
      sync(path);
    }
    Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
    sync(to.toAbsolutePath().getParent());
  }

  /** Deletes a file or a directory tree; one that does not exist is deleted already. */
  public static void delete(Path path) throws IOException {
    if (Files.exists(path)) {
      for (Path each : depthFirst(path)) {
        Files.delete(each);
      }
    }
  }

  private static void sync(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static List<Path> depthFirst(Path root) throws IOException {
    try (Stream<Path> tree = Files.walk(root)) {
      return tree.sorted(Comparator.reverseOrder()).toList();
    }
  }
}
