package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code scone train --multirun}. */
@Timeout(120)
class MultiRunTest {
  private static final String SETTINGS =
      " model.dim=16 model.layers=1 fgram.layers=1 fgram.memory=100 training.batch=2 training.steps=3"
          + " training.device=cpu training.threads=1 data.max_n=3";

  @TempDir static Path directory;

  @BeforeAll
  static void write() throws IOException {
    TinyCorpus.write(directory);
  }

  @Test
  void eachCombinationIsARunAndOneThatFailsLeavesTheOthersBe() throws IOException {
    String all = train("all") + " model.context=100000,16";
    JsonNode table = new JsonMapper().readTree(run(1, all + " --json"));
    assertEquals(2, table.size());
    JsonNode failed = table.get(0);
    assertEquals("model.context=100000", failed.path("run").asText());
    assertEquals("failed", failed.path("state").asText());
    assertTrue(failed.path("steps").isNull());
    JsonNode done = table.get(1);
    assertEquals("model.context=16", done.path("run").asText());
    assertEquals("done", done.path("state").asText());
    assertEquals(3, done.path("steps").asInt());
    assertTrue(done.path("validation_perplexity").asDouble() < 270);

    // Text is tokenized and mined once for all: each file has one form.
    List<String> made = List.of(at("all").resolve("data").toFile().list());
    assertEquals(1, made.stream().filter(name -> name.matches("train-\\w+.tokens")).count());
    assertEquals(1, made.stream().filter(name -> name.endsWith(".bin")).count());
    assertFalse(Files.exists(at("all").resolve("model.context=16").resolve("data")));

    // Again, with one value corrected: what is complete is not run again.
    Path result = at("all").resolve("model.context=16").resolve("result.json");
    FileTime before = Files.getLastModifiedTime(result);
    String corrected = run(0, train("all") + " model.context=8,16 --resume");
    assertEquals(before, Files.getLastModifiedTime(result));
    assertTrue(
        corrected.matches(
            "(?s)run +state +steps +validation_perplexity\\n-+\\n"
                + "model.context=8 +done +3 +\\S+\\nmodel.context=16 +done +3 +\\S+\\n"),
        corrected);
    // With other settings it is, and says that they are other ones.
    run(1, train("all") + " model.context=8,16 --resume training.seed=5");
  }

  @Test
  void whatNoRunCouldDoIsBadUsageBeforeAnyBegins() {
    run(2, train("none"));
    run(2, train("none") + " model.depth=1,2");
    run(2, train("none") + " fgram.layers=1,-1");
    run(2, train("none") + " fgram.layers=1,2 --print-config");
    run(2, train("none") + " training.batch=2,3 --nproc 2");
    assertFalse(Files.exists(at("none")));
  }

  private static String train(String out) {
    String text = " data.corpus=" + at("text.txt") + " data.validation=" + at("text.txt");
    String tokenizer = " data.tokenizer=" + at("tokenizer.json");
    return "train --multirun" + text + tokenizer + SETTINGS + " --out " + at(out);
  }

  private static Path at(String name) {
    return directory.resolve(name);
  }

  /** Runs a command that must end with that exit code, and returns what it prints. */
  private static String run(int exitCode, String command) {
    SconeRun run = SconeRun.of(command);
    assertEquals(exitCode, run.exitCode(), () -> command + ": " + run.err());
    return run.out();
  }
}
