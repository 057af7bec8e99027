package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/** What {@code --help} says, of every command there is. */
class HelpTest {
  static List<CommandSpec> commands() {
    return withBelow(Scone.commandLine()).toList();
  }

  private static Stream<CommandSpec> withBelow(CommandLine line) {
    return Stream.concat(
        Stream.of(line.getCommandSpec()),
        line.getSubcommands().values().stream().flatMap(HelpTest::withBelow));
  }

  @ParameterizedTest
  @MethodSource("commands")
  void saysWhatACommandAndEachOfItsOptionsIs(CommandSpec command) {
    String name = command.qualifiedName();
    String help = help(name);
    assertTrue(help.startsWith("Usage: " + name + " "), help);
    assertTrue(command.usageMessage().description().length > 0, name);
    for (ArgSpec option : command.args()) {
      String description = String.join(" ", option.description());
      assertTrue(description.endsWith("."), name + " " + option + ": " + description);
      assertFalse(
          option.paramLabel().startsWith("<") && option.arity().max() > 0, name + " " + option);
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void fitsATerminalAndShowsNoPlaceholder(CommandSpec command) {
    String help = help(command.qualifiedName());
    List<String> wide = help.lines().filter(line -> line.length() > 80).toList();
    assertEquals(List.of(), wide);
    for (String placeholder : List.of("null", "[]", "$", "-1", "%")) {
      assertFalse(help.contains("Default: " + placeholder), help);
    }
    assertFalse(help.contains("${") || help.contains("\u001b"), help);
  }

  @ParameterizedTest
  @MethodSource("commands")
  void saysADefaultOnceAndAsOneTypesIt(CommandSpec command) {
    CommandLine.Help help = new CommandLine.Help(command);
    for (ArgSpec option : command.args()) {
      String said =
          option instanceof OptionSpec named
              ? help.optionListExcludingGroups(List.of(named))
              : help.parameterList(List.of((PositionalParamSpec) option));
      List<String> defaults =
          Pattern.compile("Default:\\s*(\\S*)")
              .matcher(said)
              .results()
              .map(m -> m.group(1))
              .toList();
      assertTrue(defaults.size() <= 1, said);
      assertFalse(defaults.contains(""), said);
      if (option.auxiliaryTypes()[0].isEnum()) {
        assertTrue(
            defaults.stream().allMatch(word -> word.equals(word.toLowerCase(Locale.ROOT))), said);
      }
      if (option.paramLabel().equals("true|false")) {
        assertEquals(1, defaults.size(), said);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("commands")
  void isTheSameAfterTheWordHelp(CommandSpec command) {
    String name = command.qualifiedName();
    assertEquals(help(name), SconeRun.done(name.replaceFirst("scone", "help")));
  }

  private static String help(String name) {
    return SconeRun.done((name + " --help").replaceFirst("scone ", ""));
  }
}
