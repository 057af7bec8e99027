package io.scone.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The memory of a process at a time, in MiB, as Linux tells it.
 *
 * @param seconds since a beginning
 * @param resident all that is in memory
 * @param anonymous the part of it that is no mapped file
 */
record ProcessMemory(double seconds, double resident, double anonymous) {
  private static final double KIB_PER_MIB = 1 << 10;

  private static final double NANOS = 1e9;

  /**
   * Returns that of a process now; zeros where the system does not tell, or the process has ended.
   *
   * @param begun the beginning, in the time of {@link System#nanoTime()}
   */
  static ProcessMemory of(ProcessHandle process, long begun) {
    double resident = 0;
    double anonymous = 0;
    for (String line : status(process)) {
      if (line.startsWith("VmRSS:")) {
        resident = mebibytes(line);
      } else if (line.startsWith("RssAnon:")) {
        anonymous = mebibytes(line);
      }
    }
    return new ProcessMemory((System.nanoTime() - begun) / NANOS, resident, anonymous);
  }

  private static List<String> status(ProcessHandle process) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"));
    } catch (IOException e) {
      return List.of(); // it may end at any moment, also while this is read
    }
  }

  private static double mebibytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_MIB;
  }
}
