package io.scone.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The memory of this process that is in RAM, mapped files included, as Linux counts it. */
final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String LINE = "VmRSS:";
  private static final int UNIT = 1024; // the file says kB and means this

  private ResidentMemory() {}

  /** Returns the bytes, or NaN where the system does not tell. */
  static double bytes() {
    try {
      List<String> lines = Files.readAllLines(STATUS);
      for (String line : lines) {
        if (line.startsWith(LINE)) {
          return (double) UNIT * Long.parseLong(line.replaceAll("[^0-9]", ""));
        }
      }
    } catch (IOException | NumberFormatException e) {
      // Not Linux.
    }
    return Double.NaN;
  }
}
