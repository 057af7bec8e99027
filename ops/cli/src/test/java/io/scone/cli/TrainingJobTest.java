package io.scone.cli;

import static io.scone.cli.SconeRun.done;
import static io.scone.cli.SconeRun.exitCode;
import static io.scone.cli.SconeRun.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.training.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scone train} as several processes, beside one that does the same alone. */
@Timeout(180)
class TrainingJobTest {
  private static final String SETTINGS =
      " model.dim=16 model.layers=1 fgram.layers=1 model.context=16 training.batch=4"
          + " training.device=cpu training.threads=1 training.log_interval=1"
          + " data.max_n=3 training.steps=";
  private static final int STEPS = 60;

  @TempDir static Path directory;
  private static JsonNode alone;

  @BeforeAll
  static void trainAlone() throws IOException {
    Files.writeString(at("text.txt"), "the cat sat on the mat and the dog sat on it. ".repeat(90));
    String tokenizer = "tokenizer train --vocabulary 270 --out " + at("tokenizer.json");
    done(tokenizer + " --corpus " + at("text.txt"));
    alone = json(train("alone"));
  }

  @Test
  void aProcessThatIsKilledEndsTheJobWhichIsThenResumed() throws Exception {
    String often = " training.checkpoint_interval=1"; // and so slow enough to be killed in time
    Process launcher =
        process(train("killed") + " --json" + often + " --nproc 2", "killed").start();
    List<ProcessHandle> processes = awaitProcesses(launcher);
    awaitCheckpoint(launcher, "killed");
    processes.get(0).destroyForcibly();
    assertTrue(launcher.waitFor(90, TimeUnit.SECONDS));
    assertEquals(1, launcher.exitValue());
    String err = read("killed.err");
    String said = "scone: process [01] of 2 was ended by signal 9, and the others were stopped; go";
    assertTrue(Pattern.compile("(?m)^" + said).matcher(err).find(), err);
    String resume = "train --resume --nproc 2 --out " + at("killed");
    assertTrue(err.contains("\n  scone " + resume + "\n"), err);
    assertTrue(processes.stream().noneMatch(ProcessHandle::isAlive));
    assertTrue(err.contains("tokenizing"), err);
    assertFalse(err.contains("[1] tokenizing"), "the first prepares for all");

    Process resumed = process(resume + " --json training.checkpoint_interval=0", "resumed").start();
    assertTrue(resumed.waitFor(60, TimeUnit.SECONDS));
    assertEquals(0, resumed.exitValue(), read("resumed.err"));
    JsonNode result = new JsonMapper().readTree(read("resumed.out"));
    for (String name : List.of("tokens", "main_parameters", "fgram_parameters")) {
      assertEquals(alone.get(name), result.get(name));
    }
    String perplexity = "validation_perplexity";
    assertEquals(alone.get(perplexity).asDouble(), result.get(perplexity).asDouble(), 1e-3);
    assertArrayEquals(losses("alone"), losses("killed"), 1e-5);
  }

  @Test
  void aSignalToTheOneThatStartsThemEndsThemAllWithACheckpoint() throws Exception {
    String endless = train("signalled").replace("steps=" + STEPS, "steps=10000000");
    String often = " training.checkpoint_interval=1 --nproc=2";
    Process launcher = process(endless + often, "signalled").start();
    List<ProcessHandle> processes = awaitProcesses(launcher);
    awaitCheckpoint(launcher, "signalled");
    launcher.destroy();
    assertTrue(launcher.waitFor(90, TimeUnit.SECONDS));
    assertEquals(128 + 15, launcher.exitValue());
    assertTrue(processes.stream().noneMatch(ProcessHandle::isAlive));
    String err = read("signalled.err");
    Matcher stopped = Pattern.compile("scone: stopped after step (\\d+) of").matcher(err);
    assertTrue(stopped.find(), err);
    assertFalse(err.contains("by signal"), err);
    int step = Integer.parseInt(stopped.group(1));
    assertTrue(Checkpoint.find(at("signalled")).endsWith("checkpoint-%08d".formatted(step)), err);
  }

  @Test
  void howManyProcessesIsChecked() {
    for (String nproc : List.of("0", "-1", "3", "two")) {
      String command = train("none") + " --nproc " + nproc;
      assertEquals(2, exitCode(command), "--nproc " + nproc);
    }
    assertFalse(Files.exists(at("none")));
  }

  /** Returns the two processes of a job once they are there. */
  private static List<ProcessHandle> awaitProcesses(Process launcher) throws Exception {
    List<ProcessHandle> processes = List.of();
    while (launcher.isAlive() && processes.size() < 2) {
      Thread.sleep(20);
      processes = launcher.children().toList();
    }
    assertEquals(2, processes.size());
    return processes;
  }

  private static void awaitCheckpoint(Process launcher, String run) throws Exception {
    while (launcher.isAlive() && !hasCheckpoint(run)) {
      Thread.sleep(20);
    }
  }

  private static boolean hasCheckpoint(String run) {
    String[] names = at(run).toFile().list((parent, name) -> name.matches("checkpoint-\\d+"));
    return names != null && names.length > 0;
  }

  @Test
  void halfARendezvousIsBadUsage() throws Exception {
    ProcessBuilder builder = process(train("half"), "half");
    builder.environment().putAll(Map.of("RANK", "1", "WORLD_SIZE", "2"));
    assertEquals(2, builder.start().waitFor());
    assertTrue(read("half.err").contains("MASTER_ADDR is not set"), read("half.err"));
  }

  private static String train(String run) {
    String text = " data.corpus=" + at("text.txt") + " data.validation=" + at("text.txt");
    String tokenizer = " data.tokenizer=" + at("tokenizer.json");
    return "train" + text + tokenizer + SETTINGS + STEPS + " --out " + at(run);
  }

  /** Returns a command as a process of its own, whose outputs go to files. */
  private static ProcessBuilder process(String command, String name) {
    return SconeRun.process(List.of("-XX:-UsePerfData"), command.split(" "))
        .redirectOutput(at(name + ".out").toFile())
        .redirectError(at(name + ".err").toFile());
  }

  /** Returns what a run's log says of training losses and of the gradients' norms. */
  private static double[] losses(String run) throws IOException {
    List<Double> numbers = new ArrayList<>();
    for (String line : Files.readAllLines(at(run).resolve("log.jsonl"))) {
      JsonNode entry = new JsonMapper().readTree(line);
      for (String name : List.of("loss", "gradient_norm")) {
        if (entry.has(name)) {
          numbers.add(entry.get(name).asDouble());
        }
      }
    }
    assertEquals(2 * STEPS, numbers.size());
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static Path at(String name) {
    return directory.resolve(name);
  }

  private static String read(String name) {
    try {
      return Files.readString(at(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
