package io.scone.cli;

import static io.scone.cli.SconeRun.exitCode;
import static io.scone.cli.SconeRun.json;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.export.RandomBundle;
import io.scone.huggingface.Gpt2Checkpoint;
import io.scone.huggingface.TinyGpt2;
import io.scone.training.Checkpoint;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models from and in Hugging Face's format, by the commands that one would type. */
class HuggingFaceTest {
  private static final String WEIGHTS = "model.safetensors";
  private static final int CONTEXT = 12;
  private static final String ON_CPU = " training.device=cpu training.threads=1";

  @TempDir static Path directory;
  private static final TinyGpt2 GPT2 = new TinyGpt2(16, 2, 2, CONTEXT, 1);

  @BeforeAll
  static void write() throws IOException {
    GPT2.write(at("gpt2"));
    Files.writeString(at("text.txt"), "the cat sat on the mat and the dog sat on it. ".repeat(20));
  }

  @Test
  void theLossBeforeTheFirstStepIsTheTrainedModelsOwn() throws IOException {
    String text = "twelve bytes";
    Files.writeString(at("window.txt"), text);
    String data = " data.corpus=" + at("window.txt") + " training.batch=1";
    String steps = " training.steps=3 training.log_interval=1";
    json("train --baseline --init-from " + at("gpt2") + data + steps + ON_CPU + out("window"));
    JsonNode first =
        new JsonMapper().readTree(Files.readAllLines(at("window").resolve("log.jsonl")).get(0));
    assertEquals(1, first.path("step").asInt());
    assertEquals(loss(RandomBundle.tokens(text)), first.path("loss").asDouble(), 1e-5);
    assertEquals(
        new ModelConfig.Main(TinyGpt2.VOCABULARY, CONTEXT, 16, 2, 2),
        ModelConfig.read(Checkpoint.find(at("window"))).main());
  }

  @Test
  void aRunThatGoesOnAndItsExportDoNotNeedTheModelsItBeganWith() throws IOException {
    Path main = GPT2.write(at("main"));
    TinyGpt2 second = new TinyGpt2(8, 1, 1, 5, 2);
    Path small = second.write(at("small"));
    String models = " --init-from " + main + " fgram.init_from=" + small;
    String data =
        " data.corpus=" + at("text.txt") + " training.batch=2 data.max_n=3 fgram.memory=100";
    String steps = " training.steps=4 training.checkpoint_interval=2";
    String train = "train" + models + data + steps + ON_CPU + out("run");
    json(train);
    ModelConfig.Fgram fgram = ModelConfig.read(Checkpoint.find(at("run"))).fgram();
    assertEquals(new ModelConfig.Fgram(3, 8, 1, 1, ModelConfig.Combine.RESIDUAL, 100), fgram);

    Path last = Files.move(Checkpoint.find(at("run")), at("last"));
    Files.move(main, at("gone"));
    Files.move(small, at("gone too"));
    json("train --resume" + out("run"));
    assertEquals(-1, Files.mismatch(last.resolve(WEIGHTS), weights(at("run"))));
    json(train + " --resume");
    assertEquals(1, exitCode("train --resume model.init_from=" + at("small") + out("run")));
    json("export --checkpoint " + at("run") + out("bundle"));
    assertTrue(Files.exists(at("bundle").resolve("fgram.onnx")));
  }

  @Test
  void whatIsTrainedAndExportedComesBackAsItWas() throws IOException {
    String models = " --init-from " + at("gpt2");
    String data = " data.corpus=" + at("text.txt") + " training.batch=2 training.steps=1";
    String still = " training.learning_rate=4.9e-324 training.weight_decay=0"; // moves no weight
    json("train" + models + data + still + ON_CPU + out("still"));
    JsonNode exported = json("export --format hf --checkpoint " + at("still") + out("back"));
    assertEquals("f32", exported.path("dtype").asText());
    Gpt2Checkpoint back = Gpt2Checkpoint.open(at("back"));
    assertEquals(GPT2.weights.keySet(), back.names());
    for (String name : back.names()) {
      assertArrayEquals(GPT2.weights.get(name), back.values(name), name);
    }
    assertEquals(-1, Files.mismatch(at("gpt2").resolve("tokenizer.json"), back.tokenizer()));

    json("train --init-from " + at("back") + data + still + ON_CPU + out("again"));
    json("export --format hf --checkpoint " + at("again") + out("and-back"));
    for (String file : List.of("config.json", WEIGHTS, "tokenizer.json")) {
      assertEquals(-1, Files.mismatch(at("back").resolve(file), at("and-back").resolve(file)));
    }
    String types = "export --format hf --dtype f16 --checkpoint " + at("again");
    assertEquals(2, exitCode(types + out("none")));
  }

  @Test
  void aSettingThatContradictsTheModelIsAMistakeOfUsage() {
    String train = "train --init-from " + at("gpt2") + " data.corpus=" + at("text.txt");
    assertEquals(2, exitCode(train + " model.dim=32" + out("none")));
    assertEquals(1, exitCode("train --init-from " + at("nowhere") + out("none")));
  }

  /** Returns the trained model's mean loss on a text that its end follows. */
  private static double loss(int[] tokens) {
    double[][] logits = GPT2.logits(tokens);
    double sum = 0;
    for (int i = 0; i < tokens.length; i++) {
      int target = i + 1 < tokens.length ? tokens[i + 1] : TinyGpt2.VOCABULARY - 1;
      sum += Math.log(Arrays.stream(logits[i]).map(Math::exp).sum()) - logits[i][target];
    }
    return sum / tokens.length;
  }

  private static Path weights(Path run) throws IOException {
    return Checkpoint.find(run).resolve(WEIGHTS);
  }

  private static String out(String name) {
    return " --out " + at(name);
  }

  private static Path at(String name) {
    return directory.resolve(name);
  }
}
