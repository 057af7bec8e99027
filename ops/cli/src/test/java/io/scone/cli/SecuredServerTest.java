package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The commands and a server, in a process of its own, that takes tokens over TLS and logs as JSON.
 */
class SecuredServerTest {
  private static final String READER = "reader-of-rows-0123456789";
  private static final String ADMIN = "admin-of-tables-0123456789";

  @TempDir private static Path directory;
  private static DaemonProcess server;
  private static String unixSocket;

  @BeforeAll
  static void start() throws Exception {
    ServingTest.build(directory.resolve("table"));
    ServerSecrets secrets = ServerSecrets.write(directory, Map.of("read", READER, "admin", ADMIN));
    unixSocket = directory.resolve("s").toString();
    server =
        DaemonProcess.start(
            directory.resolve("table"),
            directory.resolve("log"),
            List.of(
                "--tls-cert=" + secrets.certificate(),
                "--tls-key=" + secrets.key(),
                "--auth-tokens=" + secrets.tokens(),
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
    String authority = "--tls-authority=" + directory.resolve("certificate.pem");
    for (List<String> at :
        List.of(
            List.of("--server", server.address(), authority),
            List.of("--server", "unix:" + unixSocket))) {
      assertEquals(0, scone(ADMIN, at, "table", "list"));
      assertEquals(0, scone(READER, at, "lookup", "--tokens", "464,3139"));
      assertEquals(1, scone(READER, at, "table", "list"));
      assertEquals(1, scone(ADMIN, at, "lookup", "--tokens", "464,3139"));
      assertEquals(1, scone("nobody", at, "lookup", "--tokens", "464,3139"));
    }
  }

  @Test
  void aCommandOverTheUnixSocketSaysNothingBesidesItsResult() throws Exception {
    Path err = directory.resolve("err");
    Process command =
        SconeRun.process(
                List.of(), "table", "list", "--server", "unix:" + unixSocket, "--token", ADMIN)
            .redirectOutput(Redirect.DISCARD)
            .redirectError(err.toFile())
            .start();
    assertTrue(command.waitFor(60, TimeUnit.SECONDS));
    assertEquals("", Files.readString(err));
    assertEquals(0, command.exitValue());
  }

  @Test
  void commandsThatDoNotKnowTheAuthorityAreNotServed() {
    List<String> plain = List.of("--server", server.address());
    List<String> trusting = List.of("--server", server.address(), "--tls");
    assertEquals(1, scone(READER, plain, "lookup", "--tokens", "464,3139"));
    assertEquals(1, scone(READER, trusting, "lookup", "--tokens", "464,3139"));
  }

  @Test
  void printedSettingsHoldNoToken() {
    String printed = SconeRun.done("lookup --print-config --token " + READER);
    assertTrue(printed.contains("# token: ********"), printed);
    assertFalse(printed.contains(READER), printed);
  }

  private static int scone(String token, List<String> at, String... command) {
    List<String> words = new ArrayList<>(List.of(command));
    words.addAll(at);
    words.addAll(List.of("--token", token));
    return SconeRun.ofWords(words.toArray(String[]::new)).exitCode();
  }
}
