package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The beginning of {@code scone quickstart}; CI runs the whole of it. */
class QuickstartCommandTest {
  @TempDir private Path directory;

  @Test
  void oneThatCameToNoTextLeavesTheDirectoryToAnother() {
    assertEquals(
        "scone: the quickstart's corpus is fetched from a checkout: start ops/bin/scone there, or"
            + " give your own text with --corpus",
        failure(""));
    String another = failure(" --small --corpus " + directory.resolve("missing.txt"));
    assertTrue(another.contains("missing.txt'"), another);
  }

  @Test
  void theProductsOfOtherSettingsAreNotTakenForItsOwn() throws Exception {
    failure("");
    Files.writeString(directory.resolve("train.jsonl"), "");
    String small = failure(" --small");
    assertTrue(small.contains("holds a quickstart of another size or corpus"), small);
  }

  private String failure(String options) {
    SconeRun run = SconeRun.of("quickstart --dir " + directory + options);
    assertEquals(1, run.exitCode(), run.err());
    return run.err().strip();
  }
}
