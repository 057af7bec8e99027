package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.scone.client.SconeClient;
import io.scone.client.TableAdmin;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server whose system clock is set forward and back by years while it serves: it answers, and its
 * tables change, as before. The clock is set by libfaketime, for the server's process alone; the
 * test is skipped where that is not installed.
 */
class ClockJumpTest {
  private static final int CALLS = 20;
  private static final int DAYS_OF_A_YEAR = 366;

  @TempDir private Path temporary;

  @Test
  @Timeout(120)
  void aServerServesAndSwitchesItsTablesWhateverTheClockSays() throws Exception {
    Optional<Path> library = libfaketime();
    assumeTrue(library.isPresent(), "libfaketime is not installed");
    List<ChecksummedTable> tables =
        List.of(
            new ChecksummedTable(temporary.resolve("one"), 1),
            new ChecksummedTable(temporary.resolve("other"), 2));
    set("+0d");
    Map<String, String> environment =
        Map.of(
            "LD_PRELOAD",
            library.get().toString(),
            "FAKETIME_TIMESTAMP_FILE",
            temporary.resolve("clock").toString(),
            "FAKETIME_CACHE_DURATION", // seconds after which it looks for another time
            "1",
            "FAKETIME_DONT_FAKE_MONOTONIC", // a clock that is set leaves this one alone
            "1");
    try (CacheServerProcess server =
            CacheServerProcess.start(
                temporary.resolve("log"),
                0,
                environment,
                "--table",
                "wiki=" + tables.get(0).directory(),
                "--reload-interval=50ms");
        SconeClient client = SconeClient.builder(server.address()).failFast().build();
        TableAdmin admin = SconeClient.builder(server.address()).buildAdmin()) {
      int year = Instant.now().atZone(ZoneOffset.UTC).getYear();
      int switches = 0;
      for (int jump : List.of(0, 10, -10, 0)) {
        set("%+dd".formatted(jump * DAYS_OF_A_YEAR));
        // Once more after the log, which is written by that clock, shows that it did jump.
        boolean jumped;
        do {
          jumped = year(server) == year + jump;
          ChecksummedTable next = tables.get(++switches % 2);
          admin.load("wiki", next.directory().toString());
          String before = admin.activate("wiki", next.version()).getPreviousVersion();
          assertEquals(tables.get((switches + 1) % 2).version(), before);
          admin.unload("wiki", before);
          for (int call = 0; call < CALLS; call++) {
            next.assertServes(client, new Random(call));
          }
        } while (!jumped);
      }
    }
  }

  private void set(String clock) throws IOException {
    Path next = Files.writeString(temporary.resolve("next"), clock);
    Files.move(next, temporary.resolve("clock"), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Returns the year of the last line of a server's log. */
  private static int year(CacheServerProcess server) throws IOException {
    String log = server.log().stripTrailing();
    return Integer.parseInt(log.substring(log.lastIndexOf('\n') + 1).substring(0, 4));
  }

  private static Optional<Path> libfaketime() throws IOException {
    for (Path directory : List.of(Path.of("/usr/lib"), Path.of("/usr/lib64"))) {
      if (Files.isDirectory(directory)) {
        try (Stream<Path> files =
            Files.find(directory, 3, (file, a) -> file.endsWith("faketime/libfaketimeMT.so.1"))) {
          Optional<Path> found = files.findFirst();
          if (found.isPresent()) {
            return found;
          }
        }
      }
    }
    return Optional.empty();
  }
}
