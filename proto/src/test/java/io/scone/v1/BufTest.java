package io.scone.v1;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What buf has to say of the protos, by the rules in buf.yaml. Skipped where there is no buf. */
@Timeout(120)
class BufTest {
  @Test
  void lintFindsNothing() throws Exception {
    assumeTrue(
        Stream.of(System.getenv("PATH").split(File.pathSeparator))
            .anyMatch(folder -> Files.isExecutable(Path.of(folder, "buf"))),
        "there is no buf on the PATH: npm install --global @bufbuild/buf");
    Process lint = new ProcessBuilder("buf", "lint").redirectErrorStream(true).start();
    String found = new String(lint.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, lint.waitFor(), found);
  }
}
