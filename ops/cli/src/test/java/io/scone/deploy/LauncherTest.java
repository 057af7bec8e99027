package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.deploy.Installation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher of an installed archive runs what is there and builds nothing. */
@Timeout(120)
class LauncherTest {
  @TempDir Path directory;

  @Test
  void runsTheJarsBesideItThroughALinkAndFromAPathWithSpaces()
      throws IOException, InterruptedException {
    Installation installed = Installation.at(directory.resolve("with a space"));
    Path link = directory.resolve("scone");
    Files.createSymbolicLink(link, installed.root().resolve("bin/scone"));

    Result result = Installation.run(link, Map.of(), List.of("--version"));

    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().startsWith("scone "), result.out());
    assertEquals("", result.err());
  }
}
