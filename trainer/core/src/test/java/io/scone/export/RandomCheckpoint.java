package io.scone.export;

import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import io.scone.training.WeightShapes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
    RandomCheckpoint checkpoint = new RandomCheckpoint(seed);
    WeightShapes.of(config).forEach(checkpoint::add);
    Files.createDirectories(directory);
    Safetensors.write(directory.resolve("model.safetensors"), checkpoint.tensors);
    config.write(directory);
    return directory;
  }

  /** Draws a weight at a scale at which the models' values keep theirs. */
  private void add(String name, List<Long> extents) {
    long[] shape = extents.stream().mapToLong(Long::longValue).toArray();
    boolean norm = shape.length == 1 && name.endsWith(".weight");
    double deviation = 0.2;
    if (name.endsWith("wte.weight") || name.endsWith("wpe.weight")) {
      deviation = 0.5;
    } else if (shape.length > 1) {
      deviation = 1 / Math.sqrt((double) shape[0]);
    }
    add(name, norm ? 1 : 0, deviation, shape);
  }

  private void add(String name, double mean, double deviation, long[] shape) {
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
