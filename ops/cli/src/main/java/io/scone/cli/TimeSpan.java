package io.scone.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * A length of time as one types it: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}.
 *
 * @param duration the length, in whole milliseconds
 */
record TimeSpan(Duration duration) {
  private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
  private static final Map<String, Duration> UNITS =
      Map.of(
          "ms", Duration.ofMillis(1),
          "s", Duration.ofSeconds(1),
          "m", Duration.ofMinutes(1),
          "h", Duration.ofHours(1),
          "d", Duration.ofDays(1));

  /** Reads a length of time; a number alone is refused, for it could be of any unit. */
  static TimeSpan parse(String text) {
    Matcher span = FORM.matcher(text.toLowerCase(Locale.ROOT));
    if (!span.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is no length of time such as 500ms, 30s or 5m");
    }
    return new TimeSpan(UNITS.get(span.group(2)).multipliedBy(Long.parseLong(span.group(1))));
  }

  @Override
  public String toString() {
    long millis = duration.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds == 0 || seconds % 60 != 0) {
      return seconds + "s";
    }
    long minutes = seconds / 60;
    return minutes % 60 != 0 ? minutes + "m" : minutes / 60 + "h";
  }
}
