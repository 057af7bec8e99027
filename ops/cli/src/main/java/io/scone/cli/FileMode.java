package io.scone.cli;

import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import picocli.CommandLine.TypeConversionException;

/**
 * The permissions of a file as one types them: three octal digits, such as {@code 660}.
 *
 * @param permissions what is allowed
 */
record FileMode(Set<PosixFilePermission> permissions) {
  private static final String LETTERS = "rwxrwxrwx";

  /** Reads permissions. */
  static FileMode parse(String text) {
    if (!text.matches("0?[0-7]{3}")) {
      throw new TypeConversionException("'" + text + "' is no file mode such as 660");
    }
    int mode = Integer.parseInt(text, 8);
    StringBuilder letters = new StringBuilder(LETTERS);
    for (int i = 0; i < LETTERS.length(); i++) {
      if ((mode >> (LETTERS.length() - 1 - i) & 1) == 0) {
        letters.setCharAt(i, '-');
      }
    }
    return new FileMode(PosixFilePermissions.fromString(letters.toString()));
  }

  @Override
  public String toString() {
    String bits =
        PosixFilePermissions.toString(permissions).replaceAll("[rwx]", "1").replace('-', '0');
    return String.format(Locale.ROOT, "%03o", Integer.parseInt(bits, 2));
  }
}
