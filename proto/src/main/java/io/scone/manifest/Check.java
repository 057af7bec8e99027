package io.scone.manifest;

import java.util.Locale;

/** The checks that manifests make of their own fields. */
final class Check {
  private Check() {}

  static void that(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, arguments));
    }
  }

  static void formatVersion(int version, int known) {
    that(
        version == known,
        "its format version is %d and this release reads version %d",
        version,
        known);
  }

  static void fingerprint(String field, String value) {
    that(Fingerprint.isWellFormed(value), "%s '%s' is not a fingerprint", field, value);
  }
}
