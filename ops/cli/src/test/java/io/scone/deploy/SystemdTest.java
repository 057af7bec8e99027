package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.scone.deploy.Installation.Result;
import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import java.io.IOException;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The unit of systemd and its settings: what systemd says of it, and what the command makes of
 * them.
 */
@Timeout(120)
class SystemdTest {
  private static final Path SYSTEMD = Path.of("..", "systemd");
  private static final Path ANALYZE = Path.of("/usr/bin/systemd-analyze");
  private static final String UNIT = "scone-cache-server.service";

  @TempDir Path directory;
  private Installation installed;

  @BeforeEach
  void install() throws IOException {
    installed = Installation.at(directory.resolve("scone"));
  }

  @Test
  void theUnitIsValid() throws IOException, InterruptedException {
    Result result = analyze("verify", unit().toString());

    assertEquals(0, result.code(), result.err());
    assertEquals("", result.err());
  }

  @Test
  void theUnitExposesLittle() throws IOException, InterruptedException {
    // Of 100, in tenths of what is printed; a service that says nothing of itself has 96.
    Result result = analyze("security", "--offline=true", "--threshold=15", unit().toString());

    assertEquals(0, result.code(), result.out() + result.err());
  }

  @Test
  void itsCommandsStartAServerWaitForItsHealthAndDrainIt()
      throws IOException, InterruptedException {
    Path tables = Files.createDirectories(directory.resolve("tables"));
    Path settings = Files.createFile(directory.resolve("cache-server.yaml"));
    ObjectNode example = (ObjectNode) new YAMLMapper().readTree(read("cache-server.yaml"));
    ((ObjectNode) example.get("cache-server"))
        .put("watch", tables.toString())
        .put("unix-socket", directory.resolve("socket").toString())
        .put("port", 0)
        .put("drain-delay", "0s");
    new YAMLMapper().writeValue(settings.toFile(), example);
    Map<String, String> environment = environment();
    environment.put("SCONE_CACHE_SERVER_METRICS_PORT", "0");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    List<String> command = new ArrayList<>();
    command.add(installed.root().resolve("bin/scone").toString());
    command.addAll(List.of("cache-server", "--config", settings.toString(), "--json"));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectError(directory.resolve("log").toFile());
    builder.environment().putAll(environment);
    Process server = builder.start();
    try {
      // It says where it listens once it does, and nothing more.
      String metrics = new JsonMapper().readTree(server.getInputStream()).path("metrics").asText();
      String port = metrics.substring(metrics.lastIndexOf(':') + 1);

      Result early = installed.run(Map.of(), "scone-ready", port);
      makeTable(tables.resolve("wiki").resolve("v1"));
      Result ready = installed.run(Map.of(), "scone-ready", port, "30");
      server.destroy();

      assertEquals(1, early.code(), "without a table");
      assertEquals("scone-ready: no server on port " + port + " is ready\n", early.err());
      assertEquals(0, ready.code(), ready.err());
      assertTrue(server.waitFor(60, TimeUnit.SECONDS));
      assertEquals(0, server.exitValue(), Files.readString(directory.resolve("log")));
    } finally {
      server.destroyForcibly();
    }
  }

  @Test
  void waitingForHealthEndsWithTheServer() throws IOException, InterruptedException {
    Process ended = new ProcessBuilder("true").start();
    ended.waitFor();

    Result result = installed.run(Map.of(), "scone-ready", "1", "600", Long.toString(ended.pid()));

    assertEquals(1, result.code());
    assertEquals("scone-ready: no server on port 1 is ready\n", result.err());
  }

  @Test
  void theSettingsAreThoseOfTheServer() throws IOException, InterruptedException {
    Result result =
        installed.run(
            environment(),
            "scone",
            "cache-server",
            "--config",
            SYSTEMD.resolve("cache-server.yaml").toRealPath().toString(),
            "--print-config");

    assertEquals(0, result.code(), result.err());
    JsonNode effective = new YAMLMapper().readTree(result.out()).path("cache-server");
    JsonNode example = new YAMLMapper().readTree(read("cache-server.yaml")).path("cache-server");
    example.fieldNames().forEachRemaining(name -> assertTrue(effective.has(name), name));
    assertEquals("9411", effective.path("metrics-port").asText());
  }

  /** Returns the environment file without the library to preload, which need not be here. */
  private static Map<String, String> environment() throws IOException {
    Properties lines = new Properties();
    lines.load(new StringReader(read("cache-server.env")));
    Map<String, String> environment = new LinkedHashMap<>();
    lines
        .stringPropertyNames()
        .forEach(name -> environment.put(name, lines.getProperty(name).replace("\"", "")));
    environment.remove("LD_PRELOAD");
    return environment;
  }

  /** Returns the unit with the installation in the place of that which it names. */
  private Path unit() throws IOException {
    return Files.writeString(
        directory.resolve(UNIT),
        read(UNIT).replace("/opt/scone/current/bin", installed.root().resolve("bin").toString()));
  }

  private static Result analyze(String... arguments) throws IOException, InterruptedException {
    assumeTrue(Files.isExecutable(ANALYZE), "there is no systemd-analyze");
    return Installation.run(ANALYZE, Map.of(), List.of(arguments));
  }

  private static void makeTable(Path table) throws IOException {
    String none = new Fingerprint().finish();
    Files.createDirectories(table.getParent());
    TableSpec spec = new TableSpec(none, none, none, 10, 2, 1, Dtype.F32, "test");
    try (TableWriter writer = TableWriter.create(table, spec)) {
      writer.add(FgramKey.encode(new int[] {1, 2}, 0, 2), 1, ByteBuffer.allocate(Float.BYTES));
      writer.publish();
    }
  }

  private static String read(String name) throws IOException {
    return Files.readString(SYSTEMD.resolve(name));
  }
}
