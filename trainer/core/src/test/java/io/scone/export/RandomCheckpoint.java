package io.scone.export;

import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;

/**
 * A checkpoint of random weights, strong enough that every part of the model shows in its output.
 */
public final class RandomCheckpoint {
  private final Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
  private final Random random;

  private RandomCheckpoint(long seed) {
    this.random = new Random(seed);
  }

  /** Writes a checkpoint into a directory, which is made. */
  public static Path write(Path directory, ModelConfig config, long seed) throws IOException {
    ModelConfig.Main main = config.main();
    RandomCheckpoint checkpoint = new RandomCheckpoint(seed);
    checkpoint.add("wte.weight", 0, 0.5, main.vocabularySize(), main.dim());
    checkpoint.addModel("", main.context(), main.layers(), main.dim());
    if (!config.isBaseline()) {
      ModelConfig.Fgram fgram = config.fgram();
      if (config.isProjected()) {
        double deviation = 1 / Math.sqrt(main.dim());
        checkpoint.add("fgram.project_in.weight", 0, deviation, main.dim(), fgram.dim());
        checkpoint.add("fgram.project_out.weight", 0, deviation, fgram.dim(), main.dim());
      }
      checkpoint.addModel("fgram.", fgram.maxNgram(), fgram.layers(), fgram.dim());
    }
    Files.createDirectories(directory);
    Safetensors.write(directory.resolve("model.safetensors"), checkpoint.tensors);
    config.write(directory);
    return directory;
  }

  private void addModel(String model, int positions, int layers, int dim) {
    add(model + "wpe.weight", 0, 0.5, positions, dim);
    for (int i = 0; i < layers; i++) {
      String block = model + "h." + i + ".";
      addNorm(block + "ln_1", dim);
      addLinear(block + "attn.c_attn", dim, 3 * dim);
      addLinear(block + "attn.c_proj", dim, dim);
      addNorm(block + "ln_2", dim);
      addLinear(block + "mlp.c_fc", dim, 4 * dim);
      addLinear(block + "mlp.c_proj", 4 * dim, dim);
    }
    addNorm(model + "ln_f", dim);
  }

  private void addNorm(String name, int dim) {
    add(name + ".weight", 1, 0.2, dim);
    add(name + ".bias", 0, 0.2, dim);
  }

  private void addLinear(String name, int in, int out) {
    add(name + ".weight", 0, 1 / Math.sqrt(in), in, out);
    add(name + ".bias", 0, 0.2, out);
  }

  private void add(String name, double mean, double deviation, long... shape) {
    long size = 1;
    for (long extent : shape) {
      size *= extent;
    }
    float[] values = new float[(int) size];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    tensors.put(name, Safetensors.Source.of(values, shape));
  }
}
