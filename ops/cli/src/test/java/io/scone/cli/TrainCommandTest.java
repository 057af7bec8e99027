package io.scone.cli;

import static io.scone.cli.SconeRun.done;
import static io.scone.cli.SconeRun.exitCode;
import static io.scone.cli.SconeRun.json;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.scone.training.Checkpoint;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainCommandTest {
  private static final String SHAPE =
      " model.dim=16 model.layers=1 fgram.layers=1 model.context=16 training.batch=2"
          + " training.device=cpu training.threads=1";

  @TempDir static Path directory;

  @BeforeAll
  static void prepare() throws IOException {
    TinyCorpus.writeMined(directory);
  }

  @Test
  void aRunIsResumedAndExported() throws IOException {
    String run = " --out " + at("run");
    String steps =
        " training.steps=4 training.checkpoint_interval=2 data.validation=" + at("text.tokens");
    JsonNode first = json("train" + fromTokens() + SHAPE + run + steps);
    assertEquals(4 * 2 * 16, first.path("tokens").asInt());
    assertTrue(first.path("validation_perplexity").asDouble() < 270);
    assertTrue(first.has("validation_perplexity_rows_off"));

    assertEquals(1, exitCode("train" + fromTokens() + SHAPE + run + steps), "not told to resume");
    JsonNode again = json("train" + fromTokens() + SHAPE + run + steps + " --resume");
    assertEquals(first.path("validation_perplexity"), again.path("validation_perplexity"));
    again = json("train --resume" + run);
    assertEquals(first.path("validation_perplexity"), again.path("validation_perplexity"));

    assertEquals(2, exitCode("export --checkpoint " + at("run") + " --out " + at("bundle")));
    String tokenizer = " --tokenizer " + at("tokenizer.json");
    json("export --checkpoint " + at("run") + tokenizer + " --out " + at("bundle"));
    assertTrue(Files.exists(at("bundle").resolve("main.onnx")));
  }

  @Test
  void aSignalEndsARunInOrderWithACheckpoint() throws Exception {
    String endless = " training.steps=10000000 training.log_interval=1 --out " + at("signalled");
    Path err = at("signalled.err");
    Process process = start("exec", "train" + fromTokens() + SHAPE + endless, err);
    Path log = at("signalled").resolve("log.jsonl");
    while (process.isAlive() && !(Files.exists(log) && Files.size(log) > 0)) {
      Thread.sleep(20);
    }
    process.destroy();
    assertEquals(128 + 15, process.waitFor(), () -> read(err));
    assertTrue(read(err).contains("scone train --resume --out " + at("signalled")), read(err));
    assertTrue(Files.isRegularFile(Checkpoint.find(at("signalled")).resolve("model.json")));
  }

  @Test
  void textIsTokenizedAndMinedOnceIntoTheRunsDirectory() throws IOException {
    String text = " data.corpus=" + at("text.txt") + " data.tokenizer=" + at("tokenizer.json");
    String steps = " training.steps=2 data.max_n=3 inference.dtype=f16";
    JsonNode trained = json("train" + text + SHAPE + steps + " --out " + at("own"));
    assertTrue(trained.path("fgram_parameters").asInt() > 0);
    List<String> made = list(at("own").resolve("data"));
    assertEquals(3, made.size(), made.toString());
    assertTrue(made.get(0).matches("fgrams-[0-9a-f]{12}.bin"), made.toString());
    assertTrue(made.get(1).matches("train-[0-9a-f]{12}.tokens"), made.toString());
    assertTrue(made.get(2).startsWith(made.get(1)) && made.get(2).endsWith(".matches"));

    JsonNode exported = json("export --checkpoint " + at("own") + " --out " + at("own-bundle"));
    assertEquals("f16", exported.path("dtype").asText());

    // The settings that a run leaves are those of the same run anew.
    String config = " --config " + at("own").resolve("config.yaml");
    JsonNode again = json("train" + config + " --out " + at("again"));
    assertEquals(trained.path("training_loss"), again.path("training_loss"));
    assertEquals(made, list(at("again").resolve("data")));
  }

  @Test
  void aBaselineNeedsNoFgrams() throws IOException {
    String text = " data.corpus=" + at("text.txt") + " data.tokenizer=" + at("tokenizer.json");
    String base = " --out " + at("base");
    JsonNode result = json("train --baseline" + text + SHAPE + " data.epochs=0.1" + base);
    assertEquals(0, result.path("fgram_parameters").asInt());
    assertFalse(result.has("validation_perplexity"));
    assertEquals(1, list(at("base").resolve("data")).size());
    assertEquals(0, json("train --resume" + base).path("fgram_parameters").asInt());
  }

  @Test
  void aBaselineIsEvaluatedThroughItsBundleAsItWasInTraining() throws IOException {
    String data = " data.corpus=" + at("text.tokens") + " data.validation=" + at("text.tokens");
    String out = " --out " + at("bare");
    JsonNode trained = json("train --baseline training.steps=2" + data + SHAPE + out);
    String export = "export --checkpoint " + at("bare") + " --out " + at("bare-bundle");
    assertEquals(2, exitCode(export + " --fgrams " + at("fgrams.bin")));
    assertEquals(2, exitCode(export + " --fgram-dtype f16"));
    String tokenizer = " --tokenizer " + at("tokenizer.json");
    assertFalse(json(export + tokenizer).has("fgrams_fingerprint"));
    String corpus = " --stride 16 --corpus " + at("text.tokens");
    JsonNode evaluated = json("evaluate --model " + at("bare-bundle") + corpus);
    assertEquals(trained.path("validation_tokens"), evaluated.path(0).path("tokens"));
    assertEquals(
        trained.path("validation_perplexity").asDouble(),
        evaluated.path(0).path("token_perplexity").asDouble(),
        1e-3);
  }

  @Test
  void theSettingsArePrintedWithWhereTheyAreFromAndRead() throws IOException {
    String printed =
        done("train small-100k --print-config training.learning_rate=1e-3 data.corpus=a,b");
    String yaml = printed.replaceAll(" {2,}#", " #");
    assertTrue(yaml.contains("  max_fgrams: 100000 # preset small-100k\n"), yaml);
    assertTrue(yaml.contains("  corpus: [a, b] # command line\n"), yaml);
    assertTrue(yaml.contains("  learning_rate: 0.001 # command line\n"), yaml);
    assertTrue(yaml.contains("  weight_decay: 0.1 # default\n"), yaml);
    Path file = Files.writeString(at("printed.yaml"), printed);
    String again = done("train --print-config --config " + file);
    assertEquals(printed.replaceAll(" *#.*", ""), again.replaceAll(" *#.*", ""));
  }

  @Test
  void aDiskThatIsFullLeavesTheCheckpointBefore() throws Exception {
    String run = " --out " + at("full");
    String steps = " training.steps=4 training.checkpoint_interval=2 model.dim=256";
    json("train" + fromTokens() + SHAPE + steps + run);
    Path before = Files.move(Checkpoint.find(at("full")), at("full").resolve("last"));
    Path err = at("full.err");
    // No file may have more than 2 MiB: the weights have, and writing them fails as on a full
    // disk.
    String limited = "ulimit -f 4096 && exec";
    Process process = start(limited, "train --resume" + run, err);
    assertEquals(1, process.waitFor(), () -> read(err));
    Path kept = at("full").resolve("checkpoint-00000002");
    assertTrue(read(err).contains("checkpoint-00000004 could not be saved"), read(err));
    assertTrue(read(err).contains("the last good checkpoint is " + kept), read(err));
    try (Stream<Path> files = Files.list(at("full"))) {
      assertTrue(files.noneMatch(file -> file.toString().endsWith(".partial")));
    }

    json("train --resume" + run);
    Path weights = Path.of("model.safetensors");
    Path again = Checkpoint.find(at("full"));
    assertEquals(-1, Files.mismatch(before.resolve(weights), again.resolve(weights)));
  }

  @Test
  void badUsageIsToldFromFailure() {
    String out = " --out " + at("none");
    String text = " data.corpus=" + at("text.txt");
    assertEquals(2, exitCode("train" + out), "no text");
    assertEquals(2, exitCode("train" + fromTokens() + out + " model.dim=10 model.heads=3"));
    assertEquals(2, exitCode("train" + fromTokens() + out + " training.steps=0"));
    assertEquals(2, exitCode("train" + fromTokens() + out + " training.device=tpu"));
    assertEquals(2, exitCode("train" + fromTokens() + out + " model.depth=2"), "unknown key");
    assertEquals(2, exitCode("train" + fromTokens() + out + " tiny"), "unknown preset");
    assertEquals(2, exitCode("train" + fromTokens() + out + " --config nowhere.yaml"));
    assertEquals(2, exitCode("train --baseline" + text + out), "text without a tokenizer");
    assertEquals(2, exitCode("train" + fromTokens() + out + " data.tokenizer=gpt2"), "another's");
    assertEquals(1, exitCode("train --baseline data.corpus=missing.tokens" + out));
    assertEquals(1, exitCode("train" + fromTokens() + out + " model.context=100000"));
    assertFalse(Files.exists(at("none")));
  }

  /** Starts a command as a process of its own, from a shell's {@code exec}. */
  private static Process start(String exec, String command, Path err) throws IOException {
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    String line =
        exec + " \"$0\" -XX:-UsePerfData -cp \"$1\" " + Scone.class.getName() + " " + command;
    return new ProcessBuilder("sh", "-c", line, java, System.getProperty("java.class.path"))
        .redirectError(err.toFile())
        .start();
  }

  private static String fromTokens() {
    return " data.corpus=" + at("text.tokens") + " data.fgrams=" + at("fgrams.bin");
  }

  private static List<String> list(Path of) throws IOException {
    try (Stream<Path> files = Files.list(of)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
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
}
