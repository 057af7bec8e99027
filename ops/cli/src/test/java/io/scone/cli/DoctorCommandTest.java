package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.scone.server.CacheServer;
import io.scone.server.ListenConfig;
import io.scone.server.ServerConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scone doctor} in the whole, with a server that is there and one that is not. */
@Timeout(120)
class DoctorCommandTest {
  @TempDir private Path directory;

  @Test
  void aServerIsCalledAndWhatItServesIsTold() throws Exception {
    ServingTest.build(directory.resolve("table"));
    try (CacheServer server =
        CacheServer.start(onAnyPort(), Map.of("words", directory.resolve("table")))) {
      String at = server.addresses().get(0);
      String doctor = "doctor --free 1 --dir " + directory + " --server ";
      JsonNode checks = SconeRun.json(doctor + at);
      JsonNode found = checks.get(checks.size() - 1);
      assertEquals("server", found.path("check").asText());
      assertEquals("ok", found.path("status").asText(), found.toString());
      assertTrue(found.path("found").asText().contains("table 'words' of "), found.toString());
      assertTrue(found.path("advice").isNull());

      SconeRun wrong = SconeRun.of(doctor + at + " --tls");
      assertEquals(1, wrong.exitCode());
      assertTrue(wrong.out().contains("it does not speak TLS"), wrong.out());
    }
  }

  @Test
  void oneProblemIsAFailureAndItsAdviceStandsBelowIt() {
    SconeRun run = SconeRun.of("doctor --dir " + directory.resolve("missing"));
    assertEquals(1, run.exitCode());
    List<String> lines = run.out().lines().toList();
    assertTrue(lines.get(0).matches("java +(ok|warning) +Java \\d+, 64 bit, .*"), run.out());
    int disk = 0;
    while (!lines.get(disk).startsWith("disk ")) {
      disk++;
    }
    assertTrue(lines.get(disk).matches("disk +problem +there is no directory .*"), run.out());
    assertEquals("Make it, or name another with --dir.", lines.get(disk + 1).strip());
    assertEquals(
        lines.get(disk).indexOf("there is"), lines.get(disk + 1).indexOf("Make"), run.out());
    assertFalse(run.out().contains("\u001b"), "colours are for terminals");
    assertEquals("", run.err());
  }

  private static ServerConfig onAnyPort() {
    ListenConfig anyPort =
        new ListenConfig(
            Optional.of(new ListenConfig.Tcp("127.0.0.1", 0)),
            Optional.empty(),
            ListenConfig.defaults().eventLoops());
    return ServerConfig.builder().listen(anyPort).build();
  }
}
