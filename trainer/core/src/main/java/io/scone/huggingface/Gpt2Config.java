package io.scone.huggingface;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** The `config.json` of a GPT-2 in the directory layout of Hugging Face's transformers. */
final class Gpt2Config {
  static final String FILE = "config.json";

  /** The keys that change what a GPT-2 computes, with what Scone's main model computes. */
  private static final Map<String, Object> COMPUTED = computed();

  private static final JsonMapper MAPPER =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private Gpt2Config() {}

  /**
   * Reads the shape of a model.
   *
   * @throws IOException if the file is missing or malformed, or its model computes something else
   *     than Scone's; the message names the key
   */
  static ModelConfig.Main read(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    JsonNode config = parse(file);
    if (!config.path("model_type").asText().equals("gpt2")) {
      throw refused(file, "model_type is %s, not \"gpt2\"", config.get("model_type"));
    }
    int dim = size(file, config, "n_embd");
    ModelConfig.Main shape;
    try {
      shape =
          new ModelConfig.Main(
              size(file, config, "vocab_size"),
              size(file, config, "n_positions"),
              dim,
              size(file, config, "n_layer"),
              size(file, config, "n_head"));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
    for (Map.Entry<String, Object> key : COMPUTED.entrySet()) {
      check(file, config, key.getKey(), MAPPER.valueToTree(key.getValue()));
    }
    check(file, config, "n_inner", MAPPER.valueToTree(4 * dim));
    if (config.hasNonNull("quantization_config")) {
      throw refused(file, "quantization_config is set, and only f32, f16 and bf16 are read");
    }
    return shape;
  }

  /** Writes the file of a model whose documents end with a token. */
  static void write(Path directory, ModelConfig.Main shape, int endOfText) throws IOException {
    ObjectNode config = MAPPER.createObjectNode();
    config.putArray("architectures").add("GPT2LMHeadModel");
    config.put("model_type", "gpt2");
    config.put("vocab_size", shape.vocabularySize());
    config.put("n_positions", shape.context());
    config.put("n_embd", shape.dim());
    config.put("n_layer", shape.layers());
    config.put("n_head", shape.heads());
    config.put("n_inner", 4 * shape.dim());
    COMPUTED.forEach(config::putPOJO);
    for (String dropout : new String[] {"attn_pdrop", "embd_pdrop", "resid_pdrop"}) {
      config.put(dropout, 0.0); // as it was trained
    }
    config.put("bos_token_id", endOfText);
    config.put("eos_token_id", endOfText);
    config.put("torch_dtype", "float32");
    write(directory.resolve(FILE), config);
  }

  static void write(Path file, ObjectNode json) throws IOException {
    Files.writeString(
        file, MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
  }

  /** Parses a file that holds a JSON object. */
  static JsonNode parse(Path file) throws IOException {
    JsonNode json;
    try {
      json = MAPPER.readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      throw new IOException(
          file.getParent() + " is not a Hugging Face model: it has no " + file.getFileName(), e);
    } catch (JacksonException e) {
      throw new IOException(file + " is not JSON: " + e.getOriginalMessage(), e);
    }
    if (!(json instanceof ObjectNode)) {
      throw new IOException(file + " is not a JSON object");
    }
    return json;
  }

  private static Map<String, Object> computed() {
    Map<String, Object> keys = new LinkedHashMap<>();
    keys.put("activation_function", "gelu_new");
    keys.put("layer_norm_epsilon", 1e-5);
    keys.put("tie_word_embeddings", true);
    keys.put("scale_attn_weights", true);
    keys.put("scale_attn_by_inverse_layer_idx", false);
    keys.put("add_cross_attention", false);
    return keys;
  }

  private static int size(Path file, JsonNode config, String key) throws IOException {
    JsonNode value = config.path(key);
    if (!value.isInt() || value.intValue() <= 0) {
      throw refused(file, "%s is %s, not a positive number", key, config.get(key));
    }
    return value.intValue();
  }

  /** Checks that a key has a value, or is left to its default, which is the same. */
  private static void check(Path file, JsonNode config, String key, JsonNode wanted)
      throws IOException {
    JsonNode value = config.path(key);
    boolean numbers = wanted.isNumber() && value.isNumber();
    boolean same = numbers ? wanted.doubleValue() == value.doubleValue() : wanted.equals(value);
    if (config.hasNonNull(key) && !same) {
      throw refused(file, "%s is %s, and Scone's model has %s", key, value, wanted);
    }
  }

  private static IOException refused(Path file, String format, Object... arguments) {
    return new IOException(file + ": " + String.format(Locale.ROOT, format, arguments));
  }
}
