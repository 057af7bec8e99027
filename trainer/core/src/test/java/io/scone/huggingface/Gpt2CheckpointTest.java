package io.scone.huggingface;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.row.Dtype;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class Gpt2CheckpointTest {
  private final TinyGpt2 gpt2 = new TinyGpt2(8, 2, 2, 16, 1);

  @TempDir Path directory;

  @Test
  void theShapeComesFromTheConfig() throws IOException {
    Gpt2Checkpoint read = Gpt2Checkpoint.open(gpt2.write(directory));
    assertEquals(new ModelConfig.Main(TinyGpt2.VOCABULARY, 16, 8, 2, 2), read.config());
    assertEquals(directory.resolve("tokenizer.json"), read.tokenizer());
    assertHoldsTheWeights(read);
  }

  @ParameterizedTest
  @CsvSource({"F32, ''", "F16, transformer.", "BF16, transformer."})
  void everyFloatTypeAndBothWaysOfNamingGiveTheSameWeights(Dtype dtype, String prefix)
      throws IOException {
    gpt2.writeConfigs(directory);
    TinyGpt2 saved = new TinyGpt2(8, 2, 2, 16, 1);
    saved.put("lm_head.weight", gpt2.weights.get("wte.weight"), TinyGpt2.VOCABULARY, 8);
    saved.put("h.0.attn.bias", new float[16 * 16], 1, 1, 16, 16);
    saved.put("h.0.attn.masked_bias", new float[] {-1e4f}, 1);
    saved.writeTensors(tensors(), prefix, dtype, saved.weights.keySet());
    assertHoldsTheWeights(Gpt2Checkpoint.open(directory));
  }

  @Test
  void shardsAreReadAsTheIndexSays() throws IOException {
    writeShards("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    Gpt2Checkpoint read = Gpt2Checkpoint.open(directory);
    assertHoldsTheWeights(read);
    String before = read.fingerprint();
    gpt2.weights.get("ln_f.bias")[0] = 7;
    writeShards("model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
    assertFalse(before.equals(Gpt2Checkpoint.open(directory).fingerprint()));
  }

  @Test
  void shardsThatAreNotThereAreNamed() throws IOException {
    writeShards("a.safetensors", "b.safetensors");
    Files.delete(directory.resolve("b.safetensors"));
    assertRefused("lacks b.safetensors, which its index names");
    Files.createDirectory(directory.resolve("sub"));
    writeShards("a.safetensors", "sub/b.safetensors");
    assertRefused("names 'sub/b.safetensors', which is no file beside it");
    gpt2.writeTensors(
        directory.resolve("b.safetensors"), "", Dtype.F32, List.of("ln_f.weight", "ln_f.bias"));
    writeIndex("b.safetensors", "b.safetensors");
    assertRefused("b.safetensors holds no tensor 'wte.weight'");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "\"gpt2\"   ; \"llama\"      ; model_type is \"llama\"",
        "gelu_new   ; relu           ; activation_function is \"relu\"",
        "1e-05      ; 1e-06          ; layer_norm_epsilon is 1.0E-6",
        "\"n_ctx\"  ; \"n_inner\"    ; n_inner is 16, and Scone's model has 32",
        "\"n_ctx\": 16 ; \"tie_word_embeddings\": false ; tie_word_embeddings is false",
        "\"n_ctx\": 16 ; \"scale_attn_weights\": false ; scale_attn_weights is false",
        "\"n_ctx\": 16 ; \"scale_attn_by_inverse_layer_idx\": true ; by_inverse_layer_idx is true",
        "\"n_ctx\": 16 ; \"add_cross_attention\": true ; add_cross_attention is true",
        "\"n_ctx\": 16 ; \"quantization_config\": {} ; quantization_config is set",
        "\"n_head\": 2 ; \"n_head\": 3 ; 3 heads do not divide its width 8",
        "\"n_head\": 2 ; \"n_head\": 0 ; n_head is 0, not a positive number",
        "\"n_embd\"    ; \"width\"     ; n_embd is null, not a positive number",
        "\"n_embd\": 8 ; \"n_embd\": 8.5 ; n_embd is 8.5, not a positive number",
        "\"n_layer\": 2 ; \"n_layer\": 1 ; the tensor 'h.1.ln_1.weight', which config.json has no",
        "\"n_layer\": 2 ; \"n_layer\": 3 ; holds no tensor 'h.2.ln_1.weight'",
        "\"n_positions\": 16 ; \"n_positions\": 17 ; 'wpe.weight' has the shape [16, 8], config",
        "\"n_ctx\": 16 ; \"n_embd\": 8 ; is not JSON: Duplicate field 'n_embd'",
        "{             ; [             ; is not JSON",
      })
  void aConfigThatComputesSomethingElseIsRefusedByItsKey(String old, String now, String reason)
      throws IOException {
    gpt2.write(directory);
    Path config = directory.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace(old, now));
    assertRefused(reason);
  }

  @Test
  void tensorsThatAreNotThoseOfAGpt2AreNamed() throws IOException {
    gpt2.write(directory);
    gpt2.put("score.weight", new float[8], 8);
    gpt2.write(directory);
    assertRefused("holds the tensor 'score.weight', which config.json has no place for");
    gpt2.weights.remove("score.weight");
    gpt2.put("transformer.ln_f.bias", new float[8], 8);
    gpt2.write(directory);
    assertRefused("holds the tensor 'ln_f.bias' both with and without transformer.");
    gpt2.weights.remove("transformer.ln_f.bias");
    gpt2.put("lm_head.weight", new float[TinyGpt2.VOCABULARY * 8], TinyGpt2.VOCABULARY, 8);
    gpt2.write(directory);
    assertRefused("lm_head.weight is not wte.weight, and Scone's model has one of both");
  }

  @ParameterizedTest
  @ValueSource(strings = {"config.json", "model.safetensors"})
  void missingFilesAreNamed(String file) throws IOException {
    gpt2.write(directory);
    Files.delete(directory.resolve(file));
    assertRefused(file);
  }

  @Test
  void aTokenizerOfAnotherVocabularyIsRefused() throws IOException {
    gpt2.write(directory);
    Path tokenizer = directory.resolve("tokenizer.json");
    Files.writeString(tokenizer, Files.readString(tokenizer).replace("256", "300"));
    Gpt2Checkpoint read = Gpt2Checkpoint.open(directory);
    String message = assertThrows(IOException.class, read::tokenizer).getMessage();
    assertTrue(message.endsWith("vocabulary of 301 tokens, and config.json says 257"), message);
  }

  private void writeShards(String first, String second) throws IOException {
    gpt2.writeConfigs(directory);
    List<String> names = new ArrayList<>(gpt2.weights.keySet());
    int half = names.size() / 2;
    Path one = directory.resolve(first);
    Path two = directory.resolve(second);
    gpt2.writeTensors(one, "transformer.", Dtype.F32, names.subList(0, half));
    gpt2.writeTensors(two, "transformer.", Dtype.F32, names.subList(half, names.size()));
    writeIndex(first, second);
  }

  private void writeIndex(String first, String second) throws IOException {
    List<String> names = new ArrayList<>(gpt2.weights.keySet());
    int half = names.size() / 2;
    String prefix = first.equals(second) ? "" : "transformer.";
    Files.writeString(
        directory.resolve("model.safetensors.index.json"),
        names.stream()
            .map(
                name ->
                    "\"%s\": \"%s\""
                        .formatted(prefix + name, names.indexOf(name) < half ? first : second))
            .collect(Collectors.joining(",", "{\"metadata\": {}, \"weight_map\": {", "}}")));
  }

  private void assertHoldsTheWeights(Gpt2Checkpoint read) throws IOException {
    for (String name : gpt2.weights.keySet()) {
      assertArrayEquals(gpt2.weights.get(name), read.values(name), name);
    }
  }

  private void assertRefused(String reason) {
    String message =
        assertThrows(IOException.class, () -> Gpt2Checkpoint.open(directory)).getMessage();
    assertTrue(message.contains(reason), message);
    assertFalse(message.contains("\n"), message);
  }

  private Path tensors() {
    return directory.resolve("model.safetensors");
  }
}
