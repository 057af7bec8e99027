package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.training.Checkpoint;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  private static final String SHAPE =
      " --dim 16 --layers 1 --fgram-layers 1 --context 16 --batch 2 --device cpu --threads 1";

  @TempDir static Path directory;

  @BeforeAll
  static void prepare() throws IOException {
    Files.writeString(at("text.txt"), "the cat sat on the mat and the dog sat on it. ".repeat(60));
    String text = " --corpus " + at("text.txt");
    String tokenizer = " --tokenizer " + at("tokenizer.json");
    scone("tokenizer train --vocabulary 270 --out " + at("tokenizer.json") + text);
    scone("tokenizer encode --out " + at("text.tokens") + tokenizer + text);
    scone("mine --out " + at("fgrams.bin") + " --corpus " + at("text.tokens"));
  }

  @Test
  void aRunIsResumedAndExported() throws IOException {
    String run = " --out " + at("run");
    String steps = " --steps 4 --checkpoint-every 2 --validation " + at("text.tokens");
    JsonNode first = scone("train" + fromTokens() + SHAPE + run + steps);
    assertEquals(4 * 2 * 16, first.path("tokens").asInt());
    assertTrue(first.path("validation_perplexity").asDouble() < 270);
    assertTrue(first.has("validation_perplexity_rows_off"));

    assertEquals(1, exitCode("train" + fromTokens() + SHAPE + run + steps), "not told to resume");
    JsonNode again = scone("train" + fromTokens() + SHAPE + run + steps + " --resume");
    assertEquals(first.path("validation_perplexity"), again.path("validation_perplexity"));

    String tokenizer = " --tokenizer " + at("tokenizer.json");
    String fgrams = " --fgrams " + at("fgrams.bin");
    scone("export --checkpoint " + at("run") + tokenizer + fgrams + " --out " + at("bundle"));
    assertTrue(Files.exists(at("bundle").resolve("main.onnx")));
  }

  @Test
  void aSignalEndsARunInOrderWithACheckpoint() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Scone.class.getName()));
    String endless = " --steps 10000000 --log-every 1 --out " + at("signalled");
    command.addAll(List.of(("train" + fromTokens() + SHAPE + endless).split(" ")));
    Path err = at("signalled.err");
    Process process = new ProcessBuilder(command).redirectError(err.toFile()).start();
    Path log = at("signalled").resolve("log.jsonl");
    while (process.isAlive() && !(Files.exists(log) && Files.size(log) > 0)) {
      Thread.sleep(20);
    }
    process.destroy();
    assertEquals(128 + 15, process.waitFor(), () -> read(err));
    assertTrue(read(err).contains("--resume goes on from there"), read(err));
    assertTrue(Files.isRegularFile(Checkpoint.find(at("signalled")).resolve("model.json")));
  }

  @Test
  void aBaselineIsTrainedFromTextWhichLeavesNoFilesBehind() throws IOException {
    String text = " --corpus " + at("text.txt") + " --tokenizer " + at("tokenizer.json");
    JsonNode result =
        scone("train --baseline" + text + SHAPE + " --epochs 0.1 --out " + at("base"));
    assertEquals(0, result.path("fgram_parameters").asInt());
    assertFalse(result.has("validation_perplexity"));
    try (Stream<Path> files = Files.list(directory)) {
      assertTrue(files.noneMatch(file -> file.getFileName().toString().startsWith("scone-")));
    }
  }

  @Test
  void badUsageIsToldFromFailure() {
    String out = " --out " + at("none");
    String text = " --corpus " + at("text.txt");
    String tokens = " --corpus " + at("text.tokens");
    assertEquals(2, exitCode("train" + tokens + out), "neither f-grams nor baseline");
    assertEquals(2, exitCode("train" + fromTokens() + out + " --baseline"), "both");
    assertEquals(2, exitCode("train" + fromTokens() + out + " --dim 10 --heads 3"));
    assertEquals(2, exitCode("train" + fromTokens() + out + " --steps 0"));
    assertEquals(2, exitCode("train" + fromTokens() + out + " --device tpu"));
    assertEquals(2, exitCode("train --baseline" + text + out), "text without a tokenizer");
    assertEquals(1, exitCode("train --baseline --corpus missing.tokens" + out));
    assertEquals(1, exitCode("train" + fromTokens() + out + " --context 100000"));
    assertFalse(Files.exists(at("none")));
  }

  private static String fromTokens() {
    return " --corpus " + at("text.tokens") + " --fgrams " + at("fgrams.bin");
  }

  private static Path at(String name) {
    return directory.resolve(name);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static int exitCode(String command) {
    return Scone.execute(command.split(" "));
  }

  /** Runs a command that must succeed and returns its result. */
  private static JsonNode scone(String command) throws IOException {
    StringWriter out = new StringWriter();
    String[] words = (command + " --json").split(" ");
    assertEquals(0, Scone.execute(new PrintWriter(out), words), command);
    return new JsonMapper().readTree(out.toString());
  }
}
