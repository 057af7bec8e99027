package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.Model.OptionSpec;

/** The page for operators beside the options of the server. */
class OperationsPageTest {
  /** Defaults that depend on the machine. */
  private static final Map<String, String> MACHINE_DEFAULTS =
      Map.of("--event-loops", "one for each processor");

  /** Options that are no settings; the page tells of them in words. */
  private static final Set<String> NO_SETTINGS =
      Set.of("--help", "--version", "--config", "--print-config");

  @Test
  void everyOptionOfTheServerIsInTheTableOfSettings() throws IOException {
    List<String> page = Files.readAllLines(Path.of("..", "..", "docs", "operations.md"));
    List<String> missing = new ArrayList<>();
    for (OptionSpec option :
        Scone.commandLine().getSubcommands().get("cache-server").getCommandSpec().options()) {
      if (!NO_SETTINGS.contains(option.longestName()) && !page.contains(row(option))) {
        missing.add(row(option));
      }
    }
    assertEquals("", String.join("\n", missing));
  }

  /** Returns an option's row: itself, its variable, its name in the file, default, meaning. */
  private static String row(OptionSpec option) {
    String name = option.longestName();
    String label = option.arity().max() == 0 ? "" : " " + option.paramLabel();
    String variable =
        "SCONE_CACHE_SERVER_" + name.substring(2).replace('-', '_').toUpperCase(Locale.ROOT);
    String byDefault = MACHINE_DEFAULTS.getOrDefault(name, option.defaultValueString(true));
    boolean none = byDefault == null || byDefault.equals("null") || byDefault.equals("[]");
    List<String> cells =
        List.of(
            "`" + name + label + "`",
            "`" + variable + "`",
            "`" + name.substring(2) + "`",
            none ? "" : byDefault,
            String.join(" ", option.description()));
    return "| "
        + String.join(" | ", cells.stream().map(c -> c.replace("|", "\\|")).toList())
        + " |";
  }
}
