package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** What {@code --print-config} prints. */
class EffectiveSettingsTest {
  @Command(name = "scone", subcommands = Connect.class)
  static final class Root {}

  @Command(name = "connect")
  static final class Connect {
    @Option(names = "--token")
    Secret token;

    @Option(names = "--name")
    String name = "none";

    @Option(names = "--tags", split = ",")
    List<String> tags = List.of();

    @Option(names = "--sizes", split = ",")
    List<Integer> sizes = List.of(16, 256);

    @Option(names = "--config")
    Path config;
  }

  @TempDir private Path directory;

  @Test
  void eachSettingOfTheServerIsPrintedWithItsSource() throws IOException {
    Path file = write("cache-server: {port: 7000, max-tokens: 99}");
    Map<String, String> environment = Map.of("SCONE_CACHE_SERVER_MAX_TOKENS", "16");
    CommandLine scone = Scone.commandLine();
    String printed =
        print(
            scone,
            environment,
            "cache-server",
            "--config=" + file,
            "--table=wiki=/tables/wiki",
            "--table=b=/b",
            "--max-row-bytes=1m");
    List<String> lines = printed.lines().map(line -> line.replaceAll(" {2,}#", " #")).toList();
    assertEquals("cache-server:", lines.get(0));
    for (String expected :
        List.of(
            "  table: ['wiki=/tables/wiki', 'b=/b'] # command line",
            "  port: 7000 # " + file,
            "  max-tokens: 16 # environment SCONE_CACHE_SERVER_MAX_TOKENS",
            "  max-row-bytes: 1m # command line",
            "  drain-timeout: 30s # default",
            "  json: false # default")) {
      assertTrue(lines.contains(expected), () -> expected + " is not in\n" + printed);
    }
  }

  @Test
  void whatIsPrintedGivesTheSameSettingsAgain() throws IOException {
    String[] arguments = {
      "cache-server", "--table=b=/b,/it's", "--host=::1", "--port=0", "--drain-timeout=1500ms"
    };
    String printed = print(Scone.commandLine(), Map.of(), arguments);
    String again =
        print(Scone.commandLine(), Map.of(), "cache-server", "--config", write(printed).toString());
    assertEquals(settings(printed), settings(again));
    assertTrue(printed.contains("'::1'"), printed);
  }

  @Test
  void whateverATextLooksLikeItIsReadBackAsItIs() throws IOException {
    for (String text :
        List.of("no", "~", "", "a: b", "# c", "'", "0660", "1:30", "1e3", " x ", "[a]", "-", "7")) {
      Connect connect =
          connect(write(print(new CommandLine(new Root()), Map.of(), "connect", "--name", text)));
      assertEquals(text, connect.name);
    }
    String printed = print(new CommandLine(new Root()), Map.of(), "connect", "--tags", "a,no,3");
    assertEquals(List.of("a", "no", "3"), connect(write(printed)).tags);
    assertTrue(settings(printed).contains("  sizes: [16, 256]"), printed);
  }

  @Test
  void aSecretIsNeverPrintedWhereverItIsFrom() throws IOException {
    Path file = write("connect: {token: open-sesame}");
    for (String printed :
        List.of(
            print(new CommandLine(new Root()), Map.of(), "connect", "--token", "open-sesame"),
            print(
                new CommandLine(new Root()),
                Map.of("SCONE_CONNECT_TOKEN", "open-sesame"),
                "connect"),
            print(new CommandLine(new Root()), Map.of(), "connect", "--config", file.toString()))) {
      assertFalse(printed.contains("open-sesame"), printed);
      assertTrue(printed.contains("# token: ********"), printed);
    }
  }

  private static List<String> settings(String printed) {
    return printed.lines().map(line -> line.replaceAll(" {2,}# .*", "")).toList();
  }

  private Path write(String yaml) throws IOException {
    return Files.writeString(directory.resolve("scone.yaml"), yaml);
  }

  private static Connect connect(Path file) throws IOException {
    CommandLine line = new CommandLine(new Root());
    return (Connect)
        parse(line, Map.of(), "connect", "--config", file.toString())
            .parsed()
            .commandSpec()
            .userObject();
  }

  private static String print(
      CommandLine line, Map<String, String> environment, String... arguments) throws IOException {
    Parsed parsed = parse(line, environment, arguments);
    StringWriter out = new StringWriter();
    new EffectiveSettings(parsed.parsed(), parsed.settings()).print(new PrintWriter(out));
    return out.toString();
  }

  private record Parsed(CommandLine.ParseResult parsed, Settings settings) {}

  private static Parsed parse(
      CommandLine line, Map<String, String> environment, String... arguments) throws IOException {
    line.registerConverter(Secret.class, Secret::new);
    Settings settings = Settings.load(arguments, environment, line.getCommandSpec());
    line.setDefaultValueProvider(settings);
    return new Parsed(line.parseArgs(arguments).subcommand(), settings);
  }
}
