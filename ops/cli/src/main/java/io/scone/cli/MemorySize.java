package io.scone.cli;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.TypeConversionException;

/** Reads an amount of memory in bytes, such as {@code 512m} or {@code 2g}. */
final class MemorySize implements ITypeConverter<Long> {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})([kmgt]?)b?");
  private static final String UNITS = "kmgt";

  @Override
  public Long convert(String text) {
    Matcher size = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new TypeConversionException("'" + text + "' is no amount of memory such as 512m or 2g");
    }
    int power = size.group(2).isEmpty() ? 0 : UNITS.indexOf(size.group(2)) + 1;
    return Long.parseLong(size.group(1)) << (10 * power);
  }
}
