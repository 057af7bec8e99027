package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.server.CatalogConfig;
import io.scone.server.ServerConfig;
import io.scone.table.Residency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** What each option of the cache server sets, however it is given. */
class ServerOptionsTest {
  /** Options that are no part of the configuration. */
  private static final List<String> OTHERS =
      List.of("help", "version", "json", "config", "print-config", "table");

  private static final List<Setting> SETTINGS =
      List.of(
          new Setting("host", "0.0.0.0", c -> c.listen().host(), "0.0.0.0"),
          new Setting("port", "7000", c -> c.listen().port(), 7000),
          new Setting("event-loops", "3", c -> c.listen().eventLoops(), 3),
          new Setting("max-tokens", "10", c -> c.limits().maxTokens(), 10),
          new Setting("max-fgrams", "11", c -> c.limits().maxFgrams(), 11),
          new Setting("max-row-bytes", "5MiB", c -> c.limits().maxRowBytes(), 5L << 20),
          new Setting("max-request-bytes", "3k", c -> c.limits().maxRequestBytes(), 3L << 10),
          new Setting(
              "max-requests-in-flight", "999", c -> c.admission().maxRequestsInFlight(), 999),
          new Setting(
              "max-requests-in-flight-per-connection",
              "99",
              c -> c.admission().maxRequestsInFlightPerConnection(),
              99),
          new Setting("max-bytes-in-flight", "1g", c -> c.admission().maxBytesInFlight(), 1L << 30),
          new Setting(
              "max-bytes-in-flight-per-connection",
              "1m",
              c -> c.admission().maxBytesInFlightPerConnection(),
              1L << 20),
          new Setting("retry-delay", "7ms", c -> c.admission().retryDelay(), Duration.ofMillis(7)),
          new Setting("max-calls-per-connection", "77", c -> c.connections().maxCalls(), 77),
          new Setting("max-header-bytes", "16k", c -> c.connections().maxHeaderBytes(), 16 << 10),
          new Setting("max-resets-per-second", "5", c -> c.connections().maxResetsPerSecond(), 5),
          new Setting(
              "handshake-timeout",
              "3s",
              c -> c.connections().handshakeTimeout(),
              Duration.ofSeconds(3)),
          new Setting(
              "keepalive-time", "4m", c -> c.connections().keepAliveTime(), Duration.ofMinutes(4)),
          new Setting(
              "keepalive-timeout",
              "5s",
              c -> c.connections().keepAliveTimeout(),
              Duration.ofSeconds(5)),
          new Setting(
              "min-client-keepalive",
              "6s",
              c -> c.connections().minClientKeepAlive(),
              Duration.ofSeconds(6)),
          new Setting(
              "max-connection-idle", "7m", c -> c.connections().maxIdle(), Duration.ofMinutes(7)),
          new Setting(
              "max-connection-age", "8h", c -> c.connections().maxAge(), Duration.ofHours(8)),
          new Setting(
              "max-connection-age-grace",
              "9s",
              c -> c.connections().maxAgeGrace(),
              Duration.ofSeconds(9)),
          new Setting("metrics-host", "0.0.0.0", c -> c.metrics().host(), "0.0.0.0"),
          new Setting("metrics-port", "9000", c -> c.metrics().port(), OptionalInt.of(9000)),
          new Setting("drain-delay", "5s", c -> c.drain().delay(), Duration.ofSeconds(5)),
          new Setting("drain-timeout", "90s", c -> c.drain().timeout(), Duration.ofSeconds(90)),
          new Setting("table-backups", "3", c -> c.catalog().backups(), 3),
          new Setting(
              "watch", "/tables", c -> c.catalog().watch(), Optional.of(Path.of("/tables"))),
          new Setting(
              "watch-interval", "1m", c -> c.catalog().watchInterval(), Duration.ofMinutes(1)),
          new Setting(
              "residency",
              "wiki=8GiB",
              c -> c.catalog().residencies(),
              Map.of("wiki", Residency.ram(8L << 30))));

  @TempDir private Path directory;

  /**
   * An option and its meaning.
   *
   * @param text a value that is not the default, as one types it
   * @param read takes the option's part out of a configuration
   * @param value what the text means
   */
  private record Setting(
      String name, String text, Function<ServerConfig, Object> read, Object value) {
    String variable() {
      return "SCONE_CACHE_SERVER_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    }
  }

  @Test
  void anOptionMeansTheSameOnTheCommandLineInTheEnvironmentAndInTheFile() throws IOException {
    for (Setting setting : SETTINGS) {
      ServerConfig flag = parse(Map.of(), "--" + setting.name, setting.text);
      assertEquals(setting.value, setting.read.apply(flag), setting.name);
      ServerConfig environment = parse(Map.of(setting.variable(), setting.text));
      assertEquals(setting.value, setting.read.apply(environment), setting.name);
      ServerConfig file = parse(Map.of(), "--config", yaml(setting.name + ": " + setting.text));
      assertEquals(setting.value, setting.read.apply(file), setting.name);
    }
  }

  @Test
  void withoutOptionsThereAreTheDefaults() throws IOException {
    ServerConfig defaults = parse(Map.of());
    assertEquals(ServerConfig.defaults(), defaults);
    for (Setting setting : SETTINGS) {
      assertNotEquals(setting.value, setting.read.apply(defaults), setting.name);
    }
  }

  @Test
  void everyOptionIsCovered() {
    TreeSet<String> covered = new TreeSet<>(OTHERS);
    SETTINGS.forEach(setting -> covered.add(setting.name));
    TreeSet<String> options = new TreeSet<>();
    CommandLine command = Scone.commandLine().getSubcommands().get("cache-server");
    command
        .getCommandSpec()
        .options()
        .forEach(option -> options.add(option.longestName().substring(2)));
    assertEquals(options, covered);
  }

  @Test
  void rowsMayBeHeldInAnotherPlaceForEachTable() throws IOException {
    CatalogConfig catalog =
        parse(Map.of(), "--residency", "ram,wiki=8GiB", "--residency", "code=disk").catalog();
    assertEquals(Residency.ram(8L << 30), catalog.residency("wiki"));
    assertEquals(Residency.disk(), catalog.residency("code"));
    assertEquals(Residency.ram(), catalog.residency("another"));
  }

  @Test
  void aValueOutOfBoundsIsOneSentence() {
    assertRefused(
        "Invalid value for option '--residency' ([NAME=]disk|ram|SIZE): 'tape' is no place for rows;"
            + " give disk, ram or an amount of memory such as 8GiB",
        "--residency",
        "wiki=tape");
    assertRefused("port is 70000, not in 0..65535", "--port", "70000");
    assertRefused("event loops are 0, fewer than 1", "--event-loops", "0");
    assertRefused(
        "max_requests_in_flight_per_connection is 256, not in 1..255",
        "--max-requests-in-flight",
        "255");
    assertRefused("max_row_bytes is 2147483648, not in 1..1073741824", "--max-row-bytes", "2GiB");
    assertRefused(
        "Invalid value for option '--max-row-bytes': '5 apples' is no amount of memory such"
            + " as 512MiB or 2GiB",
        "--max-row-bytes",
        "5 apples");
    assertRefused(
        "Invalid value for option '--drain-timeout': '30' is no length of time such as"
            + " 500ms, 30s or 5m",
        "--drain-timeout",
        "30");
  }

  @Test
  void anUnknownSettingNamesTheNearestOption() throws IOException {
    String file = yaml("max-rows-byte: 3");
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> parse(Map.of(), "--config", file));
    assertTrue(
        e.getMessage()
            .endsWith("no option reads 'cache-server.max-rows-byte'; did you mean max-row-bytes?"),
        e.getMessage());
  }

  private static void assertRefused(String sentence, String... arguments) {
    Exception e = assertThrows(ParameterException.class, () -> parse(Map.of(), arguments));
    assertEquals(sentence, e.getMessage());
  }

  private String yaml(String settings) throws IOException {
    Path file = directory.resolve("scone.yaml");
    return Files.writeString(file, "cache-server: {" + settings + "}").toString();
  }

  private static ServerConfig parse(Map<String, String> environment, String... options)
      throws IOException {
    String[] arguments = new String[options.length + 3];
    arguments[0] = "cache-server";
    arguments[1] = "--table";
    arguments[2] = "table";
    System.arraycopy(options, 0, arguments, 3, options.length);
    CommandLine scone = Scone.commandLine();
    scone.setDefaultValueProvider(Settings.load(arguments, environment, scone.getCommandSpec()));
    CommandLine.ParseResult parsed = scone.parseArgs(arguments);
    return ((CacheServerCommand) parsed.subcommand().commandSpec().userObject()).config();
  }
}
