package io.scone.cli;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.TypeConversionException;

/**
 * How options that take one constant of an enum read it: as {@code token-embedding} for {@code
 * TOKEN_EMBEDDING}, or in capitals.
 *
 * <p>Picocli's own way names the constants as Java does when it refuses a word.
 */
final class Constants {
  private Constants() {}

  /** Has all options of a command, and of those below it, read constants so. */
  static void register(CommandLine line) {
    for (ArgSpec argument : line.getCommandSpec().args()) {
      Class<?> type = argument.auxiliaryTypes()[0];
      if (type.isEnum() && argument.converters().length == 0) {
        register(line, type);
      }
    }
    line.getSubcommands().values().forEach(Constants::register);
  }

  private static <T> void register(CommandLine line, Class<T> type) {
    line.registerConverter(type, word -> constant(type, word));
  }

  private static <T> T constant(Class<T> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> name(constant).equalsIgnoreCase(word))
        .findFirst()
        .orElseThrow(() -> new TypeConversionException(refusal(type, word)));
  }

  private static String refusal(Class<?> type, String word) {
    return Arrays.stream(type.getEnumConstants())
        .map(Constants::name)
        .collect(Collectors.joining(", ", "'" + word + "' is not one of ", ""));
  }

  private static String name(Object constant) {
    return ((Enum<?>) constant).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
