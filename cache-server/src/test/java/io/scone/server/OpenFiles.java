package io.scone.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** The files that this process holds open or mapped, as Linux tells. */
final class OpenFiles {
  private OpenFiles() {}

  /** Returns those under a directory. */
  static List<String> under(Path directory) throws IOException {
    List<String> open = new ArrayList<>();
    String prefix = directory.toAbsolutePath() + "/";
    try (Stream<String> maps = Files.lines(Path.of("/proc/self/maps"))) {
      maps.filter(line -> line.contains(prefix)).forEach(open::add);
    }
    try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"))) {
      for (Path descriptor : descriptors.toList()) {
        try {
          String file = Files.readSymbolicLink(descriptor).toString();
          if (file.startsWith(prefix)) {
            open.add(file);
          }
        } catch (IOException e) {
          // It was closed after it was listed.
        }
      }
    }
    return open;
  }
}
