package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.distributed.Rendezvous;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scone train} as several processes, beside one that does the same alone. */
@Timeout(120)
class TrainingJobTest {
  private static final String SETTINGS =
      " model.dim=16 model.layers=1 fgram.layers=1 model.context=16 training.batch=4"
          + " training.device=cpu training.threads=1 training.steps=8 training.log_interval=1"
          + " training.checkpoint_interval=2 data.max_n=3";

  @TempDir static Path directory;
  private static JsonNode alone;

  @BeforeAll
  static void trainAlone() throws IOException {
    Files.writeString(at("text.txt"), "the cat sat on the mat and the dog sat on it. ".repeat(90));
    String tokenizer = "tokenizer train --vocabulary 270 --out " + at("tokenizer.json");
    assertEquals(0, Scone.execute((tokenizer + " --corpus " + at("text.txt")).split(" ")));
    StringWriter out = new StringWriter();
    assertEquals(0, Scone.execute(new PrintWriter(out), train("alone").split(" ")));
    alone = new JsonMapper().readTree(out.toString());
  }

  /** As torchrun and others start them: each is told in its environment where it stands. */
  @Test
  void processesOfALauncherTrainTogetherOnWhatTheFirstPrepares() throws Exception {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    List<Process> processes = new ArrayList<>();
    for (int rank = 0; rank < 2; rank++) {
      ProcessBuilder builder = process(train("together"), "together-" + rank);
      new Rendezvous(rank, 2, rank, 2, "127.0.0.1", port).putInto(builder.environment());
      processes.add(builder.start());
    }
    for (int rank = 0; rank < 2; rank++) {
      assertTrue(processes.get(rank).waitFor(60, TimeUnit.SECONDS));
      String err = read("together-" + rank + ".err");
      assertEquals(0, processes.get(rank).exitValue(), err);
      assertEquals(rank == 0, err.contains("tokenizing"), err);
    }
    assertEquals("", read("together-1.out"), "the first prints the result");
    JsonNode result = new JsonMapper().readTree(read("together-0.out"));
    assertEquals(alone.path("tokens"), result.path("tokens"));
    assertEquals(
        alone.path("validation_perplexity").asDouble(),
        result.path("validation_perplexity").asDouble(),
        1e-3);
    assertArrayEquals(losses("alone"), losses("together"), 1e-5);
    assertEquals(names(at("alone")), names(at("together")));
  }

  @Test
  void aBatchThatCannotBeDividedIsRefusedBeforeAnybodyIsWaitedFor() throws Exception {
    ProcessBuilder builder = process(train("three"), "three");
    new Rendezvous(1, 3, 1, 3, "127.0.0.1", 1).putInto(builder.environment());
    assertEquals(2, builder.start().waitFor());
    String err = read("three.err");
    assertTrue(err.contains("a batch of 4 windows cannot be divided evenly among 3"), err);
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
    return "train --json" + text + tokenizer + SETTINGS + " --out " + at(run);
  }

  /** Returns a command as a process of its own, whose outputs go to files. */
  private static ProcessBuilder process(String command, String name) {
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of("-XX:-UsePerfData", "-cp", System.getProperty("java.class.path")));
    words.add(Scone.class.getName());
    words.addAll(List.of(command.split(" ")));
    return new ProcessBuilder(words)
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
    assertEquals(2 * 8, numbers.size());
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  /** Returns the names of a run's files but the event file's, which holds the time. */
  private static List<String> names(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      return files
          .map(file -> run.relativize(file).toString())
          .filter(name -> !name.contains("tfevents"))
          .sorted()
          .toList();
    }
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
