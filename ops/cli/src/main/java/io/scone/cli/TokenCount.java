package io.scone.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * A number of tokens as one types it: {@code 10M} is ten million.
 *
 * @param tokens the number
 */
record TokenCount(long tokens) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([kmb])?");
  private static final String UNITS = "kmb";

  /** Reads a number; a unit is a power of 1000. */
  static TokenCount parse(String text) {
    Matcher count = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!count.matches()) {
      throw new TypeConversionException("'" + text + "' is no number of tokens such as 10M or 1B");
    }
    long tokens = Long.parseLong(count.group(1));
    int power = count.group(2) == null ? 0 : UNITS.indexOf(count.group(2)) + 1;
    for (int i = 0; i < power; i++) {
      tokens *= 1000;
    }
    return new TokenCount(tokens);
  }
}
