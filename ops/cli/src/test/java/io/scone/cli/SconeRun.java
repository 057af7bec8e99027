package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A scone command that was run in this process, and what came of it.
 *
 * <p>A command is given as its words, or as one text with single spaces between them.
 *
 * @param exitCode 0 done, 1 failed, 2 bad usage
 * @param out what it printed as its result
 * @param err what it said besides: its progress, and what went wrong
 */
record SconeRun(int exitCode, String out, String err) {
  /** Runs a command. */
  static SconeRun of(String command) {
    return ofWords(command.split(" "));
  }

  /** Runs a command. */
  static SconeRun ofWords(String... words) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int exitCode = Scone.execute(new PrintWriter(out), new PrintWriter(err), words);
    return new SconeRun(exitCode, out.toString(), err.toString());
  }

  /** Runs a command and returns its exit code. */
  static int exitCode(String command) {
    return of(command).exitCode;
  }

  /** Runs a command that must succeed and returns what it printed. */
  static String done(String command) {
    SconeRun run = of(command);
    assertEquals(0, run.exitCode, () -> command + ": " + run.err);
    return run.out;
  }

  /** Runs a command that must succeed and returns its result. */
  static JsonNode json(String command) throws IOException {
    return new JsonMapper().readTree(done(command + " --json"));
  }

  /**
   * Returns a command as a process of its own, which is not started.
   *
   * @param javaOptions words for Java
   */
  static ProcessBuilder process(List<String> javaOptions, String... words) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(javaOptions);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Scone.class.getName()));
    command.addAll(List.of(words));
    return new ProcessBuilder(command);
  }
}
