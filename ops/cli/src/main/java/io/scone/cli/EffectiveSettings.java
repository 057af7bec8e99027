package io.scone.cli;

import java.io.PrintWriter;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/**
 * The settings that a command runs with, each with where it is from, as YAML that {@code --config}
 * takes.
 *
 * <p>What is not set, and what is secret, is there as a comment.
 */
final class EffectiveSettings {
  private static final Set<String> NO_SETTINGS =
      Set.of("help", "version", "config", "print-config");
  private static final Pattern PLAIN =
      Pattern.compile("true|false|0|[1-9][0-9]*|[1-9][0-9]*[A-Za-z]+|/?[A-Za-z][A-Za-z0-9_/.-]+");
  private static final Pattern YAML_WORD = Pattern.compile("(?i)yes|no|on|off|null");
  private static final int COMMENT_COLUMN = 40;

  private final ParseResult parsed;
  private final Settings settings;

  /**
   * Makes the settings of a command.
   *
   * @param parsed the command's part of the command line
   * @param settings what stands behind its options
   */
  EffectiveSettings(ParseResult parsed, Settings settings) {
    this.parsed = parsed;
    this.settings = settings;
  }

  /** Prints the settings. */
  void print(PrintWriter out) {
    CommandSpec command = parsed.commandSpec();
    String indent = printSections(command, out);
    for (OptionSpec option : command.options()) {
      if (!NO_SETTINGS.contains(Settings.key(option))) {
        out.println(line(option, indent));
      }
    }
    out.flush();
  }

  /** Prints the names that the settings stand under and returns their indentation. */
  private static String printSections(CommandSpec command, PrintWriter out) {
    if (command.parent() == null) {
      return "";
    }
    String indent = printSections(command.parent(), out);
    out.println(indent + command.name() + ":");
    return indent + "  ";
  }

  private String line(OptionSpec option, String indent) {
    String start = indent + Settings.key(option) + ":";
    Settings.Value value = value(option);
    if (value == null) {
      return comment(indent + "# " + Settings.key(option) + ":", "not set");
    }
    if (option.type() == Secret.class) {
      return comment(indent + "# " + Settings.key(option) + ": " + Secret.MASK, value.source());
    }
    return comment(start + " " + yaml(option, value.text()), value.source());
  }

  private Settings.Value value(OptionSpec option) {
    OptionSpec matched = parsed.matchedOption(option.longestName());
    if (matched != null) {
      List<String> words = matched.originalStringValues();
      String text = words.isEmpty() ? "true" : String.join(",", words);
      return new Settings.Value(text, "command line");
    }
    Settings.Value set = settings.find(option);
    if (set != null) {
      return set;
    }
    String byDefault =
        option.defaultValue() == null && option.initialValue() instanceof Collection<?> values
            ? values.stream().map(Object::toString).collect(Collectors.joining(","))
            : option.defaultValueString(true);
    return byDefault == null || byDefault.isEmpty() || byDefault.equals("null")
        ? null
        : new Settings.Value(byDefault, "default");
  }

  private static String yaml(OptionSpec option, String text) {
    if (option.splitRegex().isEmpty()) {
      return scalar(text);
    }
    return Arrays.stream(text.split(option.splitRegex(), -1))
        .map(EffectiveSettings::scalar)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** Returns a text as YAML reads it back: in quotes where it could be taken for something else. */
  private static String scalar(String text) {
    boolean plain = PLAIN.matcher(text).matches() && !YAML_WORD.matcher(text).matches();
    return plain ? text : "'" + text.replace("'", "''") + "'";
  }

  private static String comment(String setting, String source) {
    String padding = " ".repeat(Math.max(2, COMMENT_COLUMN - setting.length()));
    return setting + padding + "# " + source;
  }
}
