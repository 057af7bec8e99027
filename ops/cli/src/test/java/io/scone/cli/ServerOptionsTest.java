package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.server.CatalogConfig;
import io.scone.server.ListenConfig;
import io.scone.server.ServerConfig;
import io.scone.server.TlsConfig;
import io.scone.table.Residency;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
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
      List.of(
          "help", "version", "json", "config", "print-config", "table", "log-format", "log-level");

  private static final List<Setting> SETTINGS =
      List.of(
          setting("tcp", "false", c -> c.listen().tcp().isPresent(), false, "--unix-socket=s"),
          setting("host", "::1", c -> c.listen().tcp().orElseThrow().host(), "::1"),
          setting("port", "7000", c -> c.listen().tcp().orElseThrow().port(), 7000),
          setting(
              "unix-socket",
              "/run/scone.sock",
              c -> c.listen().unixSocket().map(ListenConfig.UnixSocket::path),
              Optional.of(Path.of("/run/scone.sock"))),
          setting(
              "unix-socket-mode",
              "0600",
              c -> c.listen().unixSocket().map(ListenConfig.UnixSocket::permissions),
              Optional.of(PosixFilePermissions.fromString("rw-------")),
              "--unix-socket=s"),
          setting("event-loops", "3", c -> c.listen().eventLoops(), 3),
          setting(
              "tls-cert",
              "c.pem",
              c -> c.tls().certificate(),
              Optional.of(Path.of("c.pem")),
              "--tls-key=k.pem"),
          setting(
              "tls-key",
              "k.pem",
              c -> c.tls().key(),
              Optional.of(Path.of("k.pem")),
              "--tls-cert=c.pem"),
          setting(
              "tls-client-ca",
              "a.pem",
              c -> c.tls().clientAuth() + " " + c.tls().clientCa(),
              "required " + Optional.of(Path.of("a.pem")),
              "--tls-cert=c.pem",
              "--tls-key=k.pem"),
          setting(
              "tls-client-auth",
              "optional",
              c -> c.tls().clientAuth(),
              TlsConfig.ClientAuth.OPTIONAL,
              "--tls-cert=c.pem",
              "--tls-key=k.pem",
              "--tls-client-ca=a.pem"),
          setting("auth-tokens", "t", c -> c.auth().tokens(), Optional.of(Path.of("t"))),
          setting(
              "admin-on-unix-socket-only",
              "true",
              c -> c.auth().adminOnUnixSocketOnly(),
              true,
              "--unix-socket=s"),
          setting("reload-interval", "1m", c -> c.reload().interval(), Duration.ofMinutes(1)),
          setting("reflection", "false", c -> c.reflection(), false),
          setting("max-tokens", "10", c -> c.limits().maxTokens(), 10),
          setting("max-fgrams", "11", c -> c.limits().maxFgrams(), 11),
          setting("max-row-bytes", "5MiB", c -> c.limits().maxRowBytes(), 5L << 20),
          setting("max-request-bytes", "3k", c -> c.limits().maxRequestBytes(), 3L << 10),
          setting("max-continuations", "12", c -> c.limits().maxContinuations(), 12),
          setting("max-requests-in-flight", "999", c -> c.admission().maxRequestsInFlight(), 999),
          setting(
              "max-requests-in-flight-per-connection",
              "99",
              c -> c.admission().maxRequestsInFlightPerConnection(),
              99),
          setting("max-bytes-in-flight", "1g", c -> c.admission().maxBytesInFlight(), 1L << 30),
          setting(
              "max-bytes-in-flight-per-connection",
              "1m",
              c -> c.admission().maxBytesInFlightPerConnection(),
              1L << 20),
          setting("retry-delay", "7ms", c -> c.admission().retryDelay(), Duration.ofMillis(7)),
          setting("max-connections", "99", c -> c.connections().maxConnections(), 99),
          setting("max-calls-per-connection", "77", c -> c.connections().maxCalls(), 77),
          setting("max-header-bytes", "16k", c -> c.connections().maxHeaderBytes(), 16 << 10),
          setting("max-resets-per-second", "5", c -> c.connections().maxResetsPerSecond(), 5),
          setting(
              "handshake-timeout",
              "3s",
              c -> c.connections().handshakeTimeout(),
              Duration.ofSeconds(3)),
          setting(
              "keepalive-time", "4m", c -> c.connections().keepAliveTime(), Duration.ofMinutes(4)),
          setting(
              "keepalive-timeout",
              "5s",
              c -> c.connections().keepAliveTimeout(),
              Duration.ofSeconds(5)),
          setting(
              "min-client-keepalive",
              "6s",
              c -> c.connections().minClientKeepAlive(),
              Duration.ofSeconds(6)),
          setting(
              "max-connection-idle", "7m", c -> c.connections().maxIdle(), Duration.ofMinutes(7)),
          setting("max-connection-age", "8h", c -> c.connections().maxAge(), Duration.ofHours(8)),
          setting(
              "max-connection-age-grace",
              "9s",
              c -> c.connections().maxAgeGrace(),
              Duration.ofSeconds(9)),
          setting("metrics-host", "0.0.0.0", c -> c.metrics().host(), "0.0.0.0"),
          setting("metrics-port", "9000", c -> c.metrics().port(), OptionalInt.of(9000)),
          setting("drain-delay", "5s", c -> c.drain().delay(), Duration.ofSeconds(5)),
          setting("drain-timeout", "90s", c -> c.drain().timeout(), Duration.ofSeconds(90)),
          setting("table-backups", "3", c -> c.catalog().backups(), 3),
          setting("watch", "/tables", c -> c.catalog().watch(), Optional.of(Path.of("/tables"))),
          setting("watch-interval", "1m", c -> c.catalog().watchInterval(), Duration.ofMinutes(1)),
          setting(
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
   * @param alongside other options, without which this one has no meaning
   */
  private record Setting(
      String name,
      String text,
      Function<ServerConfig, Object> read,
      Object value,
      List<String> alongside) {
    String variable() {
      return "SCONE_CACHE_SERVER_" + name.replace('-', '_').toUpperCase(Locale.ROOT);
    }
  }

  private static Setting setting(
      String name,
      String text,
      Function<ServerConfig, Object> read,
      Object value,
      String... alongside) {
    return new Setting(name, text, read, value, List.of(alongside));
  }

  @Test
  void anOptionMeansTheSameOnTheCommandLineInTheEnvironmentAndInTheFile() throws IOException {
    for (Setting setting : SETTINGS) {
      ServerConfig flag = parse(Map.of(), setting.alongside, "--" + setting.name, setting.text);
      assertEquals(setting.value, setting.read.apply(flag), setting.name);
      ServerConfig variable = parse(Map.of(setting.variable(), setting.text), setting.alongside);
      assertEquals(setting.value, setting.read.apply(variable), setting.name);
      String yaml = yaml(setting.name + ": '" + setting.text + "'");
      ServerConfig file = parse(Map.of(), setting.alongside, "--config", yaml);
      assertEquals(setting.value, setting.read.apply(file), setting.name);
    }
  }

  @Test
  void withoutOptionsThereAreTheDefaults() throws IOException {
    ServerConfig defaults = parse(Map.of(), List.of());
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
        parse(Map.of(), List.of(), "--residency", "ram,wiki=8GiB", "--residency", "code=disk")
            .catalog();
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
    assertRefused("there is nowhere to listen: without TCP, name a Unix socket", "--tcp", "false");
    assertRefused("TLS takes a certificate and its key: the key is missing", "--tls-cert", "c");
    assertRefused(
        "clients show certificates over TLS only: give the server a certificate and its key",
        "--tls-client-ca",
        "a");
    assertRefused(
        "clients are asked for certificates, but there is no authority to check them by",
        "--tls-cert=c",
        "--tls-key=k",
        "--tls-client-auth=required");
    assertRefused("reload interval is PT0S, less than 1 ms", "--reload-interval", "0s");
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
        assertThrows(
            IllegalArgumentException.class, () -> parse(Map.of(), List.of("--config", file)));
    assertTrue(
        e.getMessage()
            .endsWith("no option reads 'cache-server.max-rows-byte'; did you mean max-row-bytes?"),
        e.getMessage());
  }

  private static void assertRefused(String sentence, String... arguments) {
    Exception e = assertThrows(ParameterException.class, () -> parse(Map.of(), List.of(arguments)));
    assertEquals(sentence, e.getMessage());
  }

  private String yaml(String settings) throws IOException {
    Path file = directory.resolve("scone.yaml");
    return Files.writeString(file, "cache-server: {" + settings + "}").toString();
  }

  private static ServerConfig parse(
      Map<String, String> environment, List<String> options, String... more) throws IOException {
    List<String> words = new ArrayList<>(List.of("cache-server", "--table", "table"));
    words.addAll(options);
    words.addAll(List.of(more));
    String[] arguments = words.toArray(String[]::new);
    CommandLine scone = Scone.commandLine();
    scone.setDefaultValueProvider(Settings.load(arguments, environment, scone.getCommandSpec()));
    CommandLine.ParseResult parsed = scone.parseArgs(arguments);
    return ((CacheServerCommand) parsed.subcommand().commandSpec().userObject()).config();
  }
}
