package io.scone.cli.doctor;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Java's directory of temporary files: native libraries are unpacked there and run.
 *
 * @param directory the directory
 */
record TemporaryDirectoryCheck(Path directory) implements Check {
  /** What the native libraries take there. */
  private static final long NEEDED = 256 * Bytes.MIB;

  private static final String ELSEWHERE =
      "Name another directory: SCONE_JAVA_OPTS=-Djava.io.tmpdir=DIR.";

  static TemporaryDirectoryCheck ofThisProcess() {
    return new TemporaryDirectoryCheck(Path.of(System.getProperty("java.io.tmpdir")));
  }

  @Override
  public String name() {
    return "temporary files";
  }

  @Override
  public Finding look() {
    try {
      Path program = Files.createTempFile(directory, "scone-doctor", "");
      try {
        if (!runs(program)) {
          return Finding.problem(
              directory + " is mounted so that nothing there can be run (noexec)", ELSEWHERE);
        }
      } finally {
        Files.delete(program);
      }
      long free = Files.getFileStore(directory).getUsableSpace();
      String found = "programs run in " + directory + ", " + Bytes.format(free) + " free";
      return free < NEEDED
          ? Finding.problem(found, "Make " + Bytes.format(NEEDED) + " free there.")
          : Finding.ok(found);
    } catch (IOException e) {
      return Finding.problem(directory + " cannot be written to: " + e, ELSEWHERE);
    }
  }

  /** Runs a file as a program: on a file system mounted noexec even its owner cannot. */
  private static boolean runs(Path file) throws IOException {
    Files.writeString(file, "#!/bin/sh\nexit 0\n");
    if (!file.toFile().setExecutable(true)) {
      return false;
    }
    try {
      Process process = new ProcessBuilder(file.toString()).start();
      try {
        return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
      } finally {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
