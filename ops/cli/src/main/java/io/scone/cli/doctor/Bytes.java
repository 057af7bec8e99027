package io.scone.cli.doctor;

import java.util.Locale;

/** Amounts of memory and disk as people read them. */
final class Bytes {
  static final long MIB = 1L << 20;
  static final long GIB = 1L << 30;

  private Bytes() {}

  /** Returns an amount in GiB, or in MiB where it is less than one. */
  static String format(long bytes) {
    return bytes < GIB
        ? String.format(Locale.ROOT, "%,d MiB", bytes / MIB)
        : String.format(Locale.ROOT, "%,.1f GiB", (double) bytes / GIB);
  }
}
