package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The commands and a server, in a process of its own, that takes tokens and logs as JSON. */
class SecuredServerTest {
  private static final String READER = "reader-of-rows-0123456789";
  private static final String ADMIN = "admin-of-tables-0123456789";

  @TempDir private static Path directory;
  private static DaemonProcess server;
  private static String unixSocket;

  @BeforeAll
  static void start() throws Exception {
    ServingTest.build(directory.resolve("table"));
    Files.writeString(
        directory.resolve("tokens"), "read " + sha256(READER) + "\nadmin " + sha256(ADMIN));
    unixSocket = directory.resolve("s").toString();
    server =
        DaemonProcess.start(
            directory.resolve("table"),
            directory.resolve("log"),
            List.of(
                "--auth-tokens=" + directory.resolve("tokens"),
                "--unix-socket=" + unixSocket,
                "--reload-interval=20ms",
                "--log-format=json",
                "--log-level=debug"));
  }

  /** Reads the log at last, when all is in it. */
  @AfterAll
  @Timeout(120) // a log that never says it would hold up the whole build
  static void theLogIsJsonAndHoldsNoToken() throws Exception {
    // Somebody puts a token where its hash belongs: that must not show either.
    Files.writeString(directory.resolve("tokens"), "read " + READER);
    while (!Files.readString(directory.resolve("log")).contains("cannot use the tokens")) {
      assertTrue(server.process().isAlive());
      Thread.sleep(10);
    }
    server.close();
    List<String> lines = Files.readAllLines(directory.resolve("log"));
    for (String line : lines) {
      JsonNode entry = new ObjectMapper().readTree(line);
      assertTrue(entry.hasNonNull("level") && entry.hasNonNull("formattedMessage"), line);
      assertFalse(line.contains(READER) || line.contains(ADMIN), line);
    }
    assertTrue(lines.stream().anyMatch(line -> line.contains("WARN")));
    assertFalse(Files.exists(Path.of(unixSocket)));
  }

  @Test
  void commandsBringTheTokenThatTheirCallsTake() {
    for (String address : List.of(server.address(), "unix:" + unixSocket)) {
      assertEquals(0, scone(ADMIN, "table", "list", "--server", address));
      assertEquals(0, scone(READER, "lookup", "--server", address, "--tokens", "464,3139"));
      assertEquals(1, scone(READER, "table", "list", "--server", address));
      assertEquals(1, scone(ADMIN, "lookup", "--server", address, "--tokens", "464,3139"));
      assertEquals(1, scone("nobody", "lookup", "--server", address, "--tokens", "464,3139"));
    }
  }

  @Test
  void printedSettingsHoldNoToken() {
    StringWriter out = new StringWriter();
    assertEquals(
        0, Scone.execute(new PrintWriter(out), "lookup", "--token", READER, "--print-config"));
    assertTrue(out.toString().contains("# token: ********"), out.toString());
    assertFalse(out.toString().contains(READER), out.toString());
  }

  private static int scone(String token, String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(List.of("--token", token));
    return Scone.execute(new PrintWriter(new StringWriter()), words.toArray(String[]::new));
  }

  private static String sha256(String token) throws Exception {
    MessageDigest digest = MessageDigest.getInstance("SHA-256");
    return HexFormat.of().formatHex(digest.digest(token.getBytes(StandardCharsets.UTF_8)));
  }
}
