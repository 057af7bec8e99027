package io.scone.deploy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.deploy.Installation.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The launcher of an installed archive, which runs what is there and builds nothing. */
@Timeout(120)
class LauncherTest {
  @TempDir Path directory;
  private Installation installed;

  @BeforeEach
  void install() throws IOException {
    installed = Installation.at(directory.resolve("with a space"));
  }

  @Test
  void runsTheJarsBesideItThroughALinkAndFromAPathWithSpaces()
      throws IOException, InterruptedException {
    Path link = directory.resolve("scone");
    Files.createSymbolicLink(link, installed.root().resolve("bin/scone"));

    Result result = Installation.run(link, Map.of(), List.of("--version"));

    assertEquals(0, result.code(), result.err());
    assertTrue(result.out().startsWith("scone "), result.out());
    assertEquals("", result.err());
  }

  @Test
  void namesAJavaThatIsTooOld() throws IOException, InterruptedException {
    for (String version : new String[] {"1.8", "11", "16"}) {
      // All that the launcher asks of a Java before it knows its release.
      Path java = Files.createDirectories(directory.resolve("bin")).resolve("java");
      Files.writeString(
          java, "#!/bin/sh\necho '    java.specification.version = " + version + "'\n");
      assertTrue(java.toFile().setExecutable(true));
      assertFails(
          "scone: Java "
              + version
              + " is too old; install a JDK 17 or later, or name one in JAVA_HOME\n");
    }
  }

  @Test
  void missesAJavaThatIsNotThere() throws IOException, InterruptedException {
    assertFails("scone: there is no java; install a JDK 17 or later, or set JAVA_HOME\n");
  }

  /** Checks what the launcher says as it fails with a home of Java in the directory. */
  private void assertFails(String sentence) throws IOException, InterruptedException {
    Result result = installed.run(Map.of("JAVA_HOME", directory.toString()), "scone", "--version");

    assertEquals(sentence, result.err());
    assertEquals(1, result.code());
  }
}
