package io.scone.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.corpus.TokenCorpus;
import io.scone.corpus.TokenCorpusWriter;
import io.scone.corpus.VocabularyOnly;
import io.scone.distributed.Peers;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ComputeDevice;
import io.scone.training.FgramCheckpoint;
import io.scone.training.InitialWeights;
import io.scone.training.ModelConfig;
import io.scone.training.ReferenceModel;
import io.scone.training.RunOptions;
import io.scone.training.Safetensors;
import io.scone.training.Trainer;
import io.scone.training.TrainingConfig;
import io.scone.training.TrainingData;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training that starts from trained models, and what it gives back to Hugging Face. */
class PostTrainingTest {
  private static final int MAX_NGRAM = 3;

  /** A recipe whose only step is too small to change any weight. */
  private static final TrainingConfig STANDS_STILL =
      new TrainingConfig(1, 2, 1, Double.MIN_VALUE, 0, 0, 1, 7, 1, 1, 0, 0, 1);

  private static final TrainingConfig MOVES =
      new TrainingConfig(3, 2, 1, 1e-2, 0, 0, 1, 7, 1, 1, 0, 0, 1);

  private static final RunOptions OPTIONS = RunOptions.DEFAULT.on(ComputeDevice.CPU, 1);

  @TempDir static Path directory;
  private static TrainingData data;
  private static TinyGpt2 main;
  private static TinyGpt2 small;

  @BeforeAll
  static void writeFiles() throws IOException {
    Path tokens = directory.resolve("train.tokens");
    Random random = new Random(1);
    try (TokenCorpusWriter writer =
        TokenCorpusWriter.create(tokens, new VocabularyOnly(TinyGpt2.VOCABULARY))) {
      writer.add(random.ints(3000, 0, 9).toArray(), 3000, 3000);
      writer.publish();
    }
    Path fgrams = directory.resolve("fgrams.bin");
    MiningOptions options = new MiningOptions(MAX_NGRAM, 50, 3, 1, 1 << 26, 1);
    FgramMiner.mine(TokenCorpus.open(tokens), options, fgrams, Progress.NONE);
    data = TrainingData.open(tokens, null, fgrams);
    main = new TinyGpt2(16, 2, 4, 12, 1);
    main.write(directory.resolve("main"));
    small = new TinyGpt2(8, 1, 2, 5, 2);
    small.write(directory.resolve("small"));
  }

  @Test
  void theImportedModelComputesWhatTheGpt2Does() throws IOException {
    ModelConfig config = new ModelConfig(gpt2("main").config(), null);
    InitialWeights initial = new InitialWeights(gpt2("main"), null);
    Path checkpoint = train("imported", config, STANDS_STILL, data.baseline(), initial);
    int[] tokens = new Random(3).ints(12, 0, TinyGpt2.VOCABULARY).toArray();
    try (ReferenceModel model = ReferenceModel.load(checkpoint)) {
      float[] logits = model.logits(new int[][] {tokens}, new int[0], new float[0]);
      double[] expected =
          Arrays.stream(main.logits(tokens)).flatMapToDouble(Arrays::stream).toArray();
      assertEquals(expected.length, logits.length);
      for (int i = 0; i < logits.length; i++) {
        assertEquals(expected[i], logits[i], 1e-5, "logit " + i);
      }
    }
  }

  @Test
  void anFgramModelStartsFromASecondGpt2ThroughProjections() throws IOException {
    ModelConfig config = config(8, 1, 2);
    InitialWeights initial = new InitialWeights(gpt2("main"), gpt2("small"));
    Path checkpoint = train("from-gpt2", config, STANDS_STILL, data, initial);
    Safetensors tensors = Safetensors.open(checkpoint.resolve("model.safetensors"));
    for (String name : small.weights.keySet()) {
      float[] trained = small.weights.get(name);
      switch (name) {
        case "wte.weight" -> assertFalse(tensors.names().contains("fgram.wte.weight"));
        case "wpe.weight" -> // the first K of them
            assertArrayEquals(
                Arrays.copyOf(trained, MAX_NGRAM * 8), tensors.floats("fgram.wpe.weight"));
        default -> assertArrayEquals(trained, tensors.floats("fgram." + name), name);
      }
    }
    for (String name : main.weights.keySet()) {
      assertArrayEquals(main.weights.get(name), tensors.floats(name), name);
    }
    assertEquals(16 * 8, tensors.floats("fgram.project_in.weight").length);
  }

  @Test
  void anFgramModelStartsFromThatOfACheckpointProjectionsIncluded() throws IOException {
    ModelConfig config = config(8, 1, 2);
    Path first = train("first", config, MOVES, data, InitialWeights.DRAWN);
    InitialWeights initial = new InitialWeights(gpt2("main"), FgramCheckpoint.open(first));
    Path second = train("second", config, STANDS_STILL, data, initial);
    Safetensors before = Safetensors.open(first.resolve("model.safetensors"));
    Safetensors after = Safetensors.open(second.resolve("model.safetensors"));
    for (String name : before.names()) {
      if (name.startsWith("fgram.")) {
        assertArrayEquals(before.floats(name), after.floats(name), name);
      }
    }
    assertArrayEquals(main.weights.get("wte.weight"), after.floats("wte.weight"));

    ModelConfig.Fgram added = new ModelConfig.Fgram(MAX_NGRAM, 8, 1, 2, ModelConfig.Combine.ADD);
    assertRefused(
        new ModelConfig(config.main(), added),
        initial,
        "the f-gram model is to make rows by combine add, and the one it is to start from makes"
            + " them by combine replace");
  }

  @Test
  void whatDoesNotFitIsRefusedBeforeAnythingIsWritten() throws IOException {
    InitialWeights both = new InitialWeights(gpt2("main"), gpt2("small"));
    assertRefused(
        config(16, 1, 2),
        both,
        "the f-gram model is to have width (dim) 16, 1 layers, 2 heads and 3 positions, and the one"
            + " it is to start from has width (dim) 8, 1 layers, 2 heads and 5 positions");
    ModelConfig.Main deep = new ModelConfig.Main(TinyGpt2.VOCABULARY, 12, 16, 3, 4);
    assertRefused(
        new ModelConfig(deep, config(8, 1, 2).fgram()), both, "the main model is to have width");
    ModelConfig.Main lengthy = new ModelConfig.Main(TinyGpt2.VOCABULARY, 13, 16, 2, 4);
    assertRefused(
        new ModelConfig(lengthy, config(8, 1, 2).fgram()), both, "4 heads and 13 positions");
  }

  @Test
  void aRunThatGoesOnNeedNotBeToldAgainWhatItBeganWithButNothingElse() throws IOException {
    ModelConfig config = config(16, 2, 4);
    InitialWeights initial = new InitialWeights(gpt2("main"), null);
    train("begun", config, MOVES, data, initial);
    Path run = directory.resolve("begun");
    InitialWeights others = new InitialWeights(gpt2("main"), gpt2("main"));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Trainer.open(run, config, MOVES, data, others, OPTIONS, Peers.ALONE, true))
            .getMessage();
    assertTrue(message.contains("its fgram_init_fingerprint is null"), message);
    Trainer.open(run, config, MOVES, data, initial, OPTIONS, Peers.ALONE, true).close();
    Trainer.open(run, config, MOVES, data, OPTIONS, true).close();
  }

  @Test
  void whatIsExportedComesBackBitByBit() throws IOException {
    ModelConfig config = config(8, 1, 2);
    Path checkpoint =
        train("trained", config, MOVES, data, new InitialWeights(gpt2("main"), gpt2("small")));
    Path out = directory.resolve("exported");
    Path tokenizerJson = directory.resolve("main").resolve("tokenizer.json");
    try (Tokenizer tokenizer = Tokenizers.load(tokenizerJson)) {
      assertEquals(config, Gpt2Exporter.export(checkpoint, tokenizer, out));
      assertThrows(
          FileAlreadyExistsException.class, () -> Gpt2Exporter.export(checkpoint, tokenizer, out));
    }
    Gpt2Checkpoint back = Gpt2Checkpoint.open(out);
    assertEquals(config.main(), back.config());
    assertEquals(-1, Files.mismatch(tokenizerJson, back.tokenizer()));
    Safetensors trained = Safetensors.open(checkpoint.resolve("model.safetensors"));
    assertEquals(main.weights.keySet(), back.names());
    for (String name : back.names()) {
      assertArrayEquals(trained.floats(name), back.values(name), name);
      assertFalse(Arrays.equals(main.weights.get(name), back.values(name)), name + " was trained");
    }
    JsonNode json = new JsonMapper().readTree(out.resolve("config.json").toFile());
    assertEquals("GPT2LMHeadModel", json.path("architectures").path(0).asText());
    assertEquals("gelu_new", json.path("activation_function").asText());
    assertEquals(256, json.path("eos_token_id").asInt());
    assertTrue(
        Safetensors.open(out.resolve("model.safetensors"))
            .names()
            .contains("transformer.h.1.attn.c_attn.weight"));
  }

  @Test
  void aTokenizerOfAnotherVocabularyIsRefused() throws IOException {
    Path checkpoint = train("other", config(8, 1, 2), STANDS_STILL, data, InitialWeights.DRAWN);
    Path out = directory.resolve("never");
    String message =
        assertThrows(
                IOException.class, () -> Gpt2Exporter.export(checkpoint, Tokenizers.gpt2(), out))
            .getMessage();
    assertTrue(message.contains("257 tokens, and the tokenizer has 50257"), message);
    assertFalse(Files.exists(out));
  }

  private static ModelConfig config(int fgramDim, int fgramLayers, int fgramHeads) {
    return new ModelConfig(
        new ModelConfig.Main(TinyGpt2.VOCABULARY, 12, 16, 2, 4),
        new ModelConfig.Fgram(
            MAX_NGRAM, fgramDim, fgramLayers, fgramHeads, ModelConfig.Combine.REPLACE));
  }

  private static Gpt2Checkpoint gpt2(String name) throws IOException {
    return Gpt2Checkpoint.open(directory.resolve(name));
  }

  private static Path train(
      String run,
      ModelConfig config,
      TrainingConfig recipe,
      TrainingData data,
      InitialWeights initial)
      throws IOException {
    try (Trainer trainer =
        Trainer.open(
            directory.resolve(run), config, recipe, data, initial, OPTIONS, Peers.ALONE, false)) {
      return trainer.train(Progress.NONE).checkpoint();
    }
  }

  private static void assertRefused(ModelConfig config, InitialWeights initial, String reason) {
    Path run = directory.resolve("refused");
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> Trainer.open(run, config, MOVES, data, initial, OPTIONS, Peers.ALONE, false))
            .getMessage();
    assertTrue(message.contains(reason), message);
    assertFalse(Files.exists(run));
  }
}
