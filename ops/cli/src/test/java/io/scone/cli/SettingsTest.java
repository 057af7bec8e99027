package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class SettingsTest {
  @Command(name = "scone", subcommands = Mine.class)
  static final class Root {}

  @Command(name = "mine")
  static final class Mine {
    @Option(
        names = {"-n", "--max-ngram"},
        defaultValue = "5")
    int maxNgram;

    @Option(names = "--corpus", split = ",")
    List<String> corpus = List.of();

    @Option(names = "--config")
    Path config;
  }

  @TempDir Path directory;

  @Test
  void anOptionOverridesTheEnvironmentWhichOverridesTheFileWhichOverridesTheDefault()
      throws IOException {
    assertEquals(5, parse(Map.of(), "mine").maxNgram);
    Path file = yaml("mine: {max-ngram: 4}");
    assertEquals(4, parse(Map.of(), "mine", "--config", file.toString()).maxNgram);
    assertEquals(4, parse(Map.of(), "mine", "--config=" + file).maxNgram);
    Map<String, String> environment =
        Map.of("SCONE_CONFIG", file.toString(), "SCONE_MINE_MAX_NGRAM", "3", "HOME", "/");
    assertEquals(3, parse(environment, "mine").maxNgram);
    assertEquals(2, parse(environment, "mine", "-n", "2").maxNgram);
  }

  @Test
  void aListInTheFileGivesAllValues() throws IOException {
    Path file = yaml("mine:\n  corpus:\n  - a.txt\n  - b.txt\n");
    assertEquals(
        List.of("a.txt", "b.txt"), parse(Map.of(), "mine", "--config", file.toString()).corpus);
  }

  @Test
  void anUnknownKeyNamesTheNearestKnownOne() throws IOException {
    String message = failure(Map.of("SCONE_CONFIG", yaml("mine: {max-ngrams: 4}").toString()));
    assertTrue(
        message.endsWith("no option reads 'mine.max-ngrams'; did you mean max-ngram?"), message);
  }

  @Test
  void anUnknownVariableNamesTheNearestKnownOne() {
    assertEquals(
        "no option reads the environment variable SCONE_MINE_MAXNGRAM; did you mean"
            + " SCONE_MINE_MAX_NGRAM?",
        failure(Map.of("SCONE_MINE_MAXNGRAM", "4")));
  }

  @Test
  void aFileThatIsMissingOrNoYamlIsRefused() throws IOException {
    assertTrue(failure(Map.of("SCONE_CONFIG", "/nowhere")).startsWith("there is no"));
    String message = failure(Map.of("SCONE_CONFIG", yaml("mine: {").toString()));
    assertTrue(message.contains("is not YAML"), message);
    message = failure(Map.of("SCONE_CONFIG", yaml("mine: 4").toString()));
    assertTrue(message.endsWith("mine must hold settings by name"), message);
  }

  private Path yaml(String text) throws IOException {
    return Files.writeString(directory.resolve("scone.yaml"), text);
  }

  private static Mine parse(Map<String, String> environment, String... arguments)
      throws IOException {
    CommandLine commandLine = new CommandLine(new Root());
    commandLine.setDefaultValueProvider(
        Settings.load(arguments, environment, commandLine.getCommandSpec()));
    CommandLine.ParseResult result = commandLine.parseArgs(arguments);
    return (Mine) result.subcommand().commandSpec().userObject();
  }

  private static String failure(Map<String, String> environment) {
    return assertThrows(IllegalArgumentException.class, () -> parse(environment, "mine"))
        .getMessage();
  }
}
