package io.scone.huggingface;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.scone.files.AtomicFiles;
import io.scone.table.Durable;
import io.scone.tokenizer.Tokenizer;
import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import io.scone.training.SafetensorsWriter;
import io.scone.training.WeightShapes;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a GPT-2, as Hugging Face's transformers loads it, of a checkpoint's main model.
 *
 * <p>The f-gram model and its rows have no place there: what is written computes what the
 * checkpoint computes with its table off.
 */
public final class Gpt2Exporter {
  private static final String END_OF_TEXT = "<|endoftext|>";

  private Gpt2Exporter() {}

  /**
   * Makes the directory. It appears complete and durable, or not at all.
   *
   * @param checkpoint the directory of the trained models
   * @param tokenizer the tokenizer that they were trained with; the caller's
   * @param out the directory to make; it must not exist
   * @return the shapes of the checkpoint's models
   * @throws IOException if the checkpoint is damaged, the tokenizer has another vocabulary, or a
   *     file cannot be written
   */
  public static ModelConfig export(Path checkpoint, Tokenizer tokenizer, Path out)
      throws IOException {
    if (Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          out.toString(), null, "a model is never overwritten; delete it or choose another");
    }
    ModelConfig config = ModelConfig.read(checkpoint);
    Safetensors weights = Safetensors.open(checkpoint.resolve(Gpt2Checkpoint.FILE));
    if (tokenizer.vocabularySize() != config.main().vocabularySize()) {
      throw new IOException(
          checkpoint
              + " was trained with a vocabulary of "
              + config.main().vocabularySize()
              + " tokens, and the tokenizer has "
              + tokenizer.vocabularySize());
    }
    Path target = out.toAbsolutePath().normalize();
    Path partial = AtomicFiles.temporary(target);
    Durable.delete(partial); // what an export that was killed left behind
    Files.createDirectories(partial);
    try {
      Gpt2Config.write(partial, config.main(), tokenizer.endOfText());
      Files.write(partial.resolve(Gpt2Checkpoint.TOKENIZER), tokenizer.json());
      writeTokenizerConfig(partial, config.main().context());
      writeWeights(weights, config.baseline(), partial.resolve(Gpt2Checkpoint.FILE));
      AtomicFiles.publish(target);
    } finally {
      Durable.delete(partial);
    }
    return config;
  }

  /** Writes what transformers wants to know of a tokenizer beside its tokenizer.json. */
  private static void writeTokenizerConfig(Path directory, int context) throws IOException {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("tokenizer_class", "PreTrainedTokenizerFast");
    config.put("model_max_length", context);
    for (String role : new String[] {"bos_token", "eos_token", "unk_token"}) {
      config.put(role, END_OF_TEXT);
    }
    Gpt2Config.write(directory.resolve("tokenizer_config.json"), config);
  }

  private static void writeWeights(Safetensors weights, ModelConfig config, Path file)
      throws IOException {
    Map<String, List<Long>> shapes = WeightShapes.of(config);
    Map<String, Safetensors.Tensor> tensors = new LinkedHashMap<>();
    for (Map.Entry<String, List<Long>> weight : shapes.entrySet()) {
      String name = weight.getKey();
      if (weights.type(name) != Safetensors.Type.F32
          || !weights.shape(name).equals(weight.getValue())) {
        throw new IOException(
            "the checkpoint's tensor '" + name + "' is not of the shape in its model.json");
      }
      tensors.put(
          Gpt2Checkpoint.PREFIX + name,
          new Safetensors.Tensor(Safetensors.Type.F32, weight.getValue()));
    }
    try (SafetensorsWriter writer = new SafetensorsWriter(file, tensors)) {
      for (String name : shapes.keySet()) {
        weights.read(name, piece -> writer.write(Gpt2Checkpoint.PREFIX + name, piece));
      }
      writer.publish();
    }
  }
}
