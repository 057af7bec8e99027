package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** How options read one of a few words. */
class ConstantsTest {
  @Test
  void everyOptionThatTakesOneOfAFewNamesThemAsOneTypesThem() {
    List<String> refusals = new ArrayList<>();
    for (CommandSpec command : HelpTest.commands()) {
      String name = command.qualifiedName().replaceFirst("scone ?", "");
      for (OptionSpec option : command.options()) {
        if (option.auxiliaryTypes()[0].isEnum()) {
          SconeRun run = SconeRun.of(name + " " + option.longestName() + "=wrong");
          assertEquals(2, run.exitCode(), run.err());
          refusals.add(run.err().lines().findFirst().orElseThrow().replaceAll("\\([A-Z]+\\)", ""));
        }
      }
    }
    assertTrue(refusals.size() > 10);
    for (String refusal : refusals) {
      assertTrue(refusal.contains("wrong"), refusal);
      assertEquals(refusal.toLowerCase(Locale.ROOT).replace('_', '-'), refusal);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"token-embedding", "TOKEN-EMBEDDING"})
  void capitalsAreTaken(String word) {
    String settings = SconeRun.done("generate --model x --print-config --on-missing-rows " + word);
    assertTrue(settings.contains("on-missing-rows: " + word), settings);
  }
}
