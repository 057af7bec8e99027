package io.scone.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * An amount of memory as one types it: {@code 64MiB}, {@code 64m} and {@code 67108864} are the
 * same.
 *
 * @param bytes the amount
 */
record MemorySize(long bytes) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,18})(?:([kmgt])(?:i?b)?|b)?");
  private static final String UNITS = "kmgt";

  /** Reads an amount; a unit is a power of 1024. */
  static MemorySize parse(String text) {
    Matcher size = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (size.matches()) {
      int power = size.group(2) == null ? 0 : UNITS.indexOf(size.group(2)) + 1;
      try {
        return new MemorySize(
            Math.multiplyExact(Long.parseLong(size.group(1)), 1L << (10 * power)));
      } catch (ArithmeticException e) {
        // More than any machine has.
      }
    }
    throw new TypeConversionException(
        "'" + text + "' is no amount of memory such as 512MiB or 2GiB");
  }

  @Override
  public String toString() {
    long count = bytes;
    int power = 0;
    while (power < UNITS.length() && count != 0 && count % 1024 == 0) {
      count /= 1024;
      power++;
    }
    return power == 0
        ? bytes + "B"
        : count + UNITS.substring(power - 1, power).toUpperCase(Locale.ROOT) + "iB";
  }
}
