package io.scone.cli.doctor;

import java.io.IOException;

/**
 * A native library, which is unpacked, loaded and used once.
 *
 * @param name the library's
 * @param use does something with it
 */
record LibraryCheck(String name, Use use) implements Check {
  /** The use of a library. */
  @FunctionalInterface
  interface Use {
    /**
     * Uses it.
     *
     * @return what to say of it
     */
    String run() throws IOException;
  }

  @Override
  public Finding look() {
    try {
      return Finding.ok(use.run());
    } catch (IOException | RuntimeException | LinkageError e) {
      return Finding.problem(
          e.getMessage() == null ? e.toString() : e.getMessage().lines().findFirst().orElse(""),
          "See to what the message names; the natives need x86-64 Linux with glibc (not musl, as in"
              + " Alpine) and a temporary directory where programs may run.");
    }
  }
}
