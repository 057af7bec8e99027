package io.scone.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.export.RandomCheckpoint;
import io.scone.huggingface.TinyGpt2;
import io.scone.training.InitialWeights;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run's settings become when its models start from trained ones. */
class InitialModelsTest {
  @TempDir static Path directory;
  private static Path main;
  private static Path small;

  @BeforeAll
  static void write() throws IOException {
    main = new TinyGpt2(16, 2, 4, 12, 1).write(directory.resolve("main"));
    small = new TinyGpt2(8, 1, 2, 4, 2).write(directory.resolve("small"));
  }

  @Test
  void shapesAndTokenizerAreThoseOfTheTrainedModels() throws IOException {
    String yaml = fitted("model.init_from=" + main, "fgram.init_from=" + small).toYaml();
    for (String line :
        new String[] {
          "tokenizer: " + main.resolve("tokenizer.json") + " # " + main,
          "context: 12 # " + main,
          "dim: 16 # " + main,
          "layers: 2 # " + main,
          "heads: 4 # " + main,
          "max_n: 4 # " + small,
          "dim: 8 # " + small,
          "layers: 1 # " + small,
          "heads: 2 # " + small
        }) {
      assertTrue(yaml.replaceAll(" {2,}", " ").contains("\n " + line + "\n"), line + "\n" + yaml);
    }
  }

  @Test
  void whatAgreesMayBeSaidAndAShorterContextToo() throws IOException {
    RunSettings settings =
        fitted(
            "model.init_from=" + main,
            "fgram.init_from=" + main,
            "model.dim=16",
            "model.context=8",
            "fgram.dim=0", // the main model's
            "data.max_n=3",
            "data.tokenizer=gpt2");
    assertTrue(settings.toYaml().contains("context: 8 "), settings::toYaml);
    assertEquals(3, settings.data().maxN());
    assertEquals("gpt2", settings.data().tokenizer());
  }

  @Test
  void whatDisagreesIsNamedWithWhereItIsFrom() {
    String from = "model.init_from=" + main;
    assertRefused("model.dim is 32 (command line), and", "has 16", from, "model.dim=32");
    assertRefused("model.heads is 2 (command line), and", "has 4", from, "model.heads=2");
    assertRefused("model.context is 13 (command line), and", "has 12", from, "model.context=13");
    String second = "fgram.init_from=" + small;
    assertRefused("fgram.layers is 2 (command line), and", "has 1", second, "fgram.layers=2");
    assertRefused("fgram.dim is 0 (command line), and", "has 8", from, second, "fgram.dim=0");
    assertRefused("data.max_n is 5 (command line), and", "has 4", second, "data.max_n=5");
  }

  @Test
  void rowsAreMadeAsByTheFgramModelOfTheCheckpoint() throws IOException {
    ModelConfig config =
        new ModelConfig(
            new ModelConfig.Main(TinyGpt2.VOCABULARY, 12, 16, 2, 4),
            new ModelConfig.Fgram(3, 8, 1, 2, ModelConfig.Combine.ADD));
    Path checkpoint = RandomCheckpoint.write(directory.resolve("checkpoint"), config, 1);
    String from = "fgram.init_from=" + checkpoint;
    RunSettings settings = fitted(from);
    String yaml = settings.toYaml();
    assertTrue(yaml.replaceAll(" {2,}", " ").contains("\n combine: add # " + checkpoint), yaml);
    assertTrue(settings.hasValuesOf(fitted(from, "fgram.combine=add")));
    String other = "fgram.combine=replace";
    assertRefused("fgram.combine is replace (command line), and", "has add", from, other);
  }

  @Test
  void theMemoryIsThatOfTheCheckpointWhereItHasOne() throws IOException {
    ModelConfig.Main shape = new ModelConfig.Main(TinyGpt2.VOCABULARY, 12, 16, 2, 4);
    for (int memory : new int[] {0, 70}) {
      ModelConfig.Fgram fgram = new ModelConfig.Fgram(3, 16, 1, 2, ModelConfig.Combine.ADD, memory);
      Path checkpoint =
          RandomCheckpoint.write(
              directory.resolve("memory-" + memory), new ModelConfig(shape, fgram), 1);
      String from = "fgram.init_from=" + checkpoint;
      if (memory == 0) {
        assertTrue(fitted(from, "fgram.memory=50").toYaml().contains("memory: 50 "));
      } else {
        assertTrue(fitted(from).toYaml().contains("memory: 70 "));
        assertRefused("fgram.memory is 50 (command line), and", "has 70", from, "fgram.memory=50");
      }
    }
  }

  @Test
  void aBaselineStartsFromNoFgramModel() throws IOException {
    assertEquals(InitialWeights.DRAWN, open("fgram.init_from=nowhere", "fgram=none").weights());
    assertNull(open("model.init_from=" + main).weights().fgram());
  }

  @Test
  void aDirectoryWithoutAModelIsNamed() throws IOException {
    Path empty = Files.createDirectories(directory.resolve("empty"));
    assertEquals(
        empty + " is not a Hugging Face model: it has no config.json",
        assertThrows(IOException.class, () -> open("model.init_from=" + empty)).getMessage());
    assertEquals(
        empty + " is neither a checkpoint nor a training run that has one",
        assertThrows(IOException.class, () -> open("fgram.init_from=" + empty)).getMessage());
  }

  private static RunSettings fitted(String... overrides) throws IOException {
    return open(overrides).fitted();
  }

  private static InitialModels open(String... overrides) throws IOException {
    RunSettings settings = RunSettings.defaults();
    for (String override : overrides) {
      settings = settings.override(override);
    }
    return InitialModels.open(settings, new RunDirectory(directory.resolve("run")), false);
  }

  private static void assertRefused(String begin, String end, String... overrides) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> fitted(overrides)).getMessage();
    assertTrue(message.startsWith(begin), message);
    assertTrue(message.endsWith(end + ": leave the setting out"), message);
  }
}
