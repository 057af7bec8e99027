package io.scone.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.manifest.Precision;
import io.scone.training.ComputeDevice;
import io.scone.training.RunOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class RunSettingsTest {
  @TempDir Path directory;

  @Test
  void whatIsNotSetIsTheDefaultOfItsRecord() {
    assertEquals(DataConfig.DEFAULT, RunSettings.defaults().data());
    assertEquals(RunOptions.DEFAULT, RunSettings.defaults().options());
    assertEquals(InferenceConfig.DEFAULT, RunSettings.defaults().inference());
  }

  @Test
  void anOverrideOverridesTheFileWhichOverridesThePreset() throws IOException {
    RunSettings preset = RunSettings.defaults().preset("small-500k");
    assertEquals(500_000, preset.data().maxFgrams());
    assertEquals(3, preset.data().maxN());
    RunSettings file = preset.file(yaml("data: {max_n: 4}\ntraining:\n  device: cpu\nfgram:\n"));
    assertEquals(4, file.data().maxN());
    assertEquals(500_000, file.data().maxFgrams());
    assertEquals(ComputeDevice.CPU, file.options().device());
    assertEquals(2, file.override("data.max_n=2").data().maxN());
  }

  @Test
  void aListIsPartedByCommasOrWrittenAsYamlDoes() throws IOException {
    RunSettings settings = RunSettings.defaults();
    List<String> both = List.of("a.txt", "b c");
    assertEquals(both, settings.override("data.corpus=a.txt,b c").data().corpus());
    assertEquals(both, settings.file(yaml("data: {corpus: [a.txt, b c]}")).data().corpus());
    assertEquals(List.of("a"), settings.file(yaml("data: {corpus: a}")).data().corpus());
  }

  @Test
  void typesWithNamesAreReadByThem() {
    RunSettings settings = RunSettings.defaults().override("inference.dtype=int8-f16");
    assertEquals(Precision.of("int8-f16"), settings.inference().dtype());
    assertRefused(
        "inference.dtype=f8",
        "inference.dtype: no type 'f8'; there are [f32, f16, bf16, int8, int8-f16, int8-bf16, int4,"
            + " int4-f16, int4-bf16]");
    assertRefused(
        "training.device=tpu", "training.device must be one of auto, cpu, cuda, not 'tpu'");
  }

  @Test
  void anUnknownNameIsRefusedWithTheNearestKnownOne() throws IOException {
    assertRefused("model.dims=3", "there is no setting 'model.dims'; did you mean model.dim?");
    assertRefused("seed=3", "there is no setting 'seed'");
    assertRefused("model.vocabulary_size=3", "there is no setting 'model.vocabulary_size'");
    assertRefused("model.dim", "'model.dim' is no setting: give key=value");
    Path section = yaml("models: {dim: 3}");
    assertEquals(
        section + ": there is no section 'models'; did you mean model?",
        message(() -> RunSettings.defaults().file(section)));
    assertEquals(
        "there is no preset 'small-10k'; did you mean small-100k?",
        message(() -> RunSettings.defaults().preset("small-10k")));
  }

  @Test
  void aValueOfAWrongTypeIsRefusedInOneSentence() throws IOException {
    assertRefused("model.dim=wide", "model.dim must be a whole number, not 'wide'");
    assertRefused("model.dim=1.5", "model.dim must be a whole number, not '1.5'");
    assertRefused("model.dim=", "model.dim must have a value");
    assertRefused(
        "training.learning_rate=fast", "training.learning_rate must be a number, not 'fast'");
    for (String value : List.of("true", "[1]", "{a: 1}", "1.5")) {
      Path file = yaml("model: {dim: " + value + "}");
      String message = message(() -> RunSettings.defaults().file(file));
      assertTrue(message.startsWith(file + ": model.dim must be a whole number, not "), message);
    }
    Path twice = yaml("model: {dim: 1, dim: 2}");
    assertTrue(message(() -> RunSettings.defaults().file(twice)).contains("is not YAML"));
  }

  @Test
  void valuesThatDoNotFitAreRefusedBeforeThereIsData() {
    assertEquals(
        "name the text to learn: data.corpus=PATH", message(() -> RunSettings.defaults().check(1)));
    RunSettings settings = RunSettings.defaults().override("data.corpus=a.tokens");
    settings.check(1);
    settings.check(8);
    assertEquals(
        "the least number of documents (min_documents) is 0, not positive",
        message(() -> settings.override("data.min_documents=0").check(1)));
    assertEquals(
        "a batch of 8 windows cannot be divided evenly among 3 processes: train with a batch, or"
            + " with as many processes, that it can",
        message(() -> settings.check(3)));
    assertEquals(
        "the main model's 3 heads do not divide its width 128",
        message(() -> settings.override("model.heads=3").check(1)));
    assertEquals(
        "steps is 0, not positive", message(() -> settings.override("training.steps=0").check(1)));
  }

  @Test
  void everyPresetIsSound() {
    for (String name : Presets.names()) {
      RunSettings.defaults().preset(name).override("data.corpus=text").check(1);
    }
  }

  @Test
  void whatIsWrittenIsReadBack() throws IOException {
    RunSettings settings =
        RunSettings.defaults()
            .override("data.corpus=a b.txt,yes")
            .override("data.tokenizer=none")
            .override("training.learning_rate=5e-7");
    for (RunSettings each : List.of(settings, settings.override("fgram=none"))) {
      RunSettings read = RunSettings.defaults().file(yaml(each.toYaml()));
      assertEquals(each.data(), read.data());
      assertEquals(each.isBaseline(), read.isBaseline());
      assertEquals(values(each), values(read));
    }
  }

  private static String values(RunSettings settings) {
    return settings.toYaml().replaceAll(" *# .*", "");
  }

  private Path yaml(String text) throws IOException {
    return Files.writeString(directory.resolve("run.yaml"), text);
  }

  private static void assertRefused(String override, String message) {
    assertEquals(message, message(() -> RunSettings.defaults().override(override)));
  }

  private static String message(Executable executable) {
    return assertThrows(IllegalArgumentException.class, executable).getMessage();
  }
}
