package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code ops/bin/scone} where it does not come to running Java. */
@Timeout(60)
class LauncherTest {
  private static final Path LAUNCHER = Path.of("..", "bin", "scone");

  @TempDir private Path home;

  @Test
  void aJavaThatIsTooOldIsNamed() throws Exception {
    for (String version : new String[] {"1.8", "11", "16"}) {
      // All that the launcher asks of a Java before it knows its release.
      Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
      Files.writeString(
          java, "#!/bin/sh\necho '    java.specification.version = " + version + "'\n");
      assertTrue(java.toFile().setExecutable(true));
      assertEquals(
          "scone: Java "
              + version
              + " is too old; install a JDK 17 or later, or name one in JAVA_HOME\n",
          said());
    }
  }

  @Test
  void aJavaThatIsNotThereIsMissed() throws Exception {
    assertEquals("scone: there is no java; install a JDK 17 or later, or set JAVA_HOME\n", said());
  }

  /** Returns what the launcher says as it fails with that home of Java. */
  private String said() throws Exception {
    ProcessBuilder builder = new ProcessBuilder(LAUNCHER.toString(), "--version");
    builder.environment().put("JAVA_HOME", home.toString());
    Process process = builder.redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
      assertEquals(1, process.exitValue(), said);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
