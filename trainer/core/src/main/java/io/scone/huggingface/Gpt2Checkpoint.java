package io.scone.huggingface;

import com.fasterxml.jackson.databind.JsonNode;
import io.scone.manifest.Fingerprint;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import io.scone.training.ModelConfig;
import io.scone.training.PretrainedWeights;
import io.scone.training.Safetensors;
import io.scone.training.WeightShapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A GPT-2 in the directory layout of Hugging Face's transformers: `config.json`,
 * `model.safetensors` or the shards of a `model.safetensors.index.json`, and `tokenizer.json`.
 *
 * <p>Opening reads the config and the headers of the tensors' files; values are read when they are
 * asked for.
 */
public final class Gpt2Checkpoint implements PretrainedWeights {
  static final String FILE = "model.safetensors";
  static final String TOKENIZER = "tokenizer.json";

  /** What transformers writes before the names of all tensors but the head's. */
  static final String PREFIX = "transformer.";

  private static final String INDEX = "model.safetensors.index.json";
  private static final String EMBEDDINGS = "wte.weight";
  private static final String HEAD = "lm_head.weight";

  /** The causal mask and what it fills in, which early releases saved as if they were weights. */
  private static final Pattern BUFFER = Pattern.compile("h\\.\\d+\\.attn\\.(masked_)?bias");

  private static final Pattern SHARD = Pattern.compile("[\\w-][\\w.-]*\\.safetensors");

  /** A tensor in its file, under its name there. */
  private record Stored(Safetensors file, String name) {}

  private final Path directory;
  private final ModelConfig.Main config;
  private final Map<String, Path> files;
  private final Map<String, Stored> tensors;

  private Gpt2Checkpoint(
      Path directory,
      ModelConfig.Main config,
      Map<String, Path> files,
      Map<String, Stored> tensors) {
    this.directory = directory;
    this.config = config;
    this.files = files;
    this.tensors = tensors;
  }

  /** Says whether a directory looks like a Hugging Face model. */
  public static boolean isIn(Path directory) {
    return Files.exists(directory.resolve(Gpt2Config.FILE));
  }

  /**
   * Opens a model.
   *
   * @throws IOException if a file is missing or malformed, if the model computes something else
   *     than Scone's, or if its tensors are not those of its config; the message says which
   */
  public static Gpt2Checkpoint open(Path directory) throws IOException {
    ModelConfig.Main config = Gpt2Config.read(directory);
    Map<String, Path> files = new TreeMap<>(); // by file name: the fingerprint must not vary
    Map<String, Stored> tensors = new LinkedHashMap<>();
    if (Files.exists(directory.resolve(FILE))) {
      Path file = directory.resolve(FILE);
      files.put(FILE, file);
      Safetensors opened = Safetensors.open(file);
      for (String name : opened.names()) {
        add(directory, tensors, new Stored(opened, name));
      }
    } else if (Files.exists(directory.resolve(INDEX))) {
      openShards(directory, files, tensors);
    } else {
      throw new IOException(
          directory
              + " has neither "
              + FILE
              + " nor "
              + INDEX
              + ": weights of another format must be saved as safetensors first");
    }
    Gpt2Checkpoint checkpoint = new Gpt2Checkpoint(directory, config, files, tensors);
    checkpoint.check();
    return checkpoint;
  }

  private static void openShards(
      Path directory, Map<String, Path> files, Map<String, Stored> tensors) throws IOException {
    Path index = directory.resolve(INDEX);
    Map<String, Safetensors> shards = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry :
        Gpt2Config.parse(index).path("weight_map").properties()) {
      String shard = entry.getValue().asText();
      if (!SHARD.matcher(shard).matches()) {
        throw new IOException(index + " names '" + shard + "', which is no file beside it");
      }
      if (!shards.containsKey(shard)) {
        Path file = directory.resolve(shard);
        if (!Files.exists(file)) {
          throw new IOException(directory + " lacks " + shard + ", which its index names");
        }
        files.put(shard, file);
        shards.put(shard, Safetensors.open(file));
      }
      add(directory, tensors, new Stored(shards.get(shard), entry.getKey()));
    }
  }

  private static void add(Path directory, Map<String, Stored> tensors, Stored tensor)
      throws IOException {
    String name = tensor.name();
    String plain = name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name;
    if (BUFFER.matcher(plain).matches()) {
      return;
    }
    if (tensors.putIfAbsent(plain, tensor) != null) {
      throw new IOException(
          directory + " holds the tensor '" + plain + "' both with and without " + PREFIX);
    }
  }

  /** Checks that the tensors are exactly those of the config. */
  private void check() throws IOException {
    Map<String, List<Long>> wanted = WeightShapes.of(new ModelConfig(config, null));
    for (Map.Entry<String, List<Long>> weight : wanted.entrySet()) {
      List<Long> shape = shape(weight.getKey());
      if (!shape.equals(weight.getValue())) {
        throw new IOException(
            directory
                + ": tensor '"
                + weight.getKey()
                + "' has the shape "
                + shape
                + ", config.json says "
                + weight.getValue());
      }
    }
    for (String name : tensors.keySet()) {
      if (!wanted.containsKey(name) && !name.equals(HEAD)) {
        throw new IOException(
            directory + " holds the tensor '" + name + "', which config.json has no place for");
      }
    }
    if (tensors.containsKey(HEAD) && !isTied()) {
      throw new IOException(
          directory
              + ": "
              + HEAD
              + " is not "
              + EMBEDDINGS
              + ", and Scone's model has one of both");
    }
  }

  private boolean isTied() throws IOException {
    Stored head = tensors.get(HEAD);
    Stored embeddings = tensors.get(EMBEDDINGS);
    return head.file().type(head.name()) == embeddings.file().type(embeddings.name())
        && head.file().data(head.name()).equals(embeddings.file().data(embeddings.name()));
  }

  /** Returns the shape of a main model that holds these weights. */
  public ModelConfig.Main config() {
    return config;
  }

  /**
   * Returns where the tokenizer is.
   *
   * @throws IOException if there is none, or its vocabulary is not the model's
   */
  public Path tokenizer() throws IOException {
    Path file = directory.resolve(TOKENIZER);
    try (Tokenizer tokenizer = Tokenizers.load(file)) {
      if (tokenizer.vocabularySize() != config.vocabularySize()) {
        throw new IOException(
            file
                + " has a vocabulary of "
                + tokenizer.vocabularySize()
                + " tokens, and config.json says "
                + config.vocabularySize());
      }
    }
    return file;
  }

  @Override
  public Shape shape() {
    return new Shape(config.context(), config.dim(), config.layers(), config.heads());
  }

  @Override
  public Set<String> names() {
    return tensors.keySet();
  }

  @Override
  public List<Long> shape(String name) throws IOException {
    Stored tensor = stored(name);
    return tensor.file().shape(tensor.name());
  }

  @Override
  public float[] values(String name) throws IOException {
    Stored tensor = stored(name);
    return tensor.file().floats(tensor.name());
  }

  @Override
  public String fingerprint() throws IOException {
    Fingerprint all = new Fingerprint();
    for (Path file : files.values()) {
      all.update(Fingerprint.of(file));
    }
    return all.finish();
  }

  private Stored stored(String name) throws IOException {
    Stored tensor = tensors.get(name);
    if (tensor == null) {
      throw new IOException(directory + " holds no tensor '" + name + "'");
    }
    return tensor;
  }
}
