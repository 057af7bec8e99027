package io.scone.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The memory of a process, in MiB, as Linux tells it.
 *
 * @param resident all that is in memory
 * @param anonymous the part of it that is no mapped file
 */
record ProcessMemory(double resident, double anonymous) {
  private static final double KIB_PER_MIB = 1 << 10;

  /** Returns that of a process; zeros where the system does not tell. */
  static ProcessMemory of(ProcessHandle process) throws IOException {
    Path status = Path.of("/proc", Long.toString(process.pid()), "status");
    double resident = 0;
    double anonymous = 0;
    if (Files.isReadable(status)) {
      for (String line : Files.readAllLines(status)) {
        if (line.startsWith("VmRSS:")) {
          resident = mebibytes(line);
        } else if (line.startsWith("RssAnon:")) {
          anonymous = mebibytes(line);
        }
      }
    }
    return new ProcessMemory(resident, anonymous);
  }

  private static double mebibytes(String line) {
    return Long.parseLong(line.replaceAll("\\D", "")) / KIB_PER_MIB;
  }
}
