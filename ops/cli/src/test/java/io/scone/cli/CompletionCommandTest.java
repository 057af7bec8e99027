package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scone completion}, in the shells that it is for. */
@Timeout(60)
class CompletionCommandTest {
  @TempDir private Path directory;

  @Test
  void bashCompletesCommandsAndOptions() throws Exception {
    assertEquals(List.of("precompute"), completed("scone prec"));
    assertEquals(List.of("export"), completed("scone table exp"));
    assertEquals(List.of("--max-ngram"), completed("scone mine --max"));
  }

  @Test
  void zshLoadsIt() throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/zsh")));
    Path script = Files.writeString(directory.resolve("zsh"), SconeRun.done("completion zsh"));
    assertEquals("", run("/bin/zsh", "-f", "-c", "source '" + script + "'"));
  }

  @Test
  void otherShellsAreRefused() {
    SconeRun fish = SconeRun.of("completion fish");
    assertEquals(2, fish.exitCode());
    assertTrue(fish.err().contains("bash|zsh"), fish.err());
  }

  /** Returns what bash completes a line to. */
  private List<String> completed(String line) throws Exception {
    assumeTrue(Files.isExecutable(Path.of("/bin/bash")));
    Path script = Files.writeString(directory.resolve("bash"), SconeRun.done("completion bash"));
    String program =
        // compopt is refused outside of a line that is being typed.
        "source '%s'; compopt() { :; }; COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                .formatted(script, line)
            + " _complete_scone; printf '%s\\n' \"${COMPREPLY[@]}\"";
    return run("/bin/bash", "--norc", "-c", program).lines().map(String::strip).toList();
  }

  private static String run(String... words) throws Exception {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    try {
      String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertTrue(process.waitFor(30, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), said);
      return said;
    } finally {
      process.destroyForcibly();
    }
  }
}
