package io.scone.training;

import io.scone.manifest.Fingerprint;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;

/** The f-gram model of a checkpoint, for another model's to start from. */
public final class FgramCheckpoint implements PretrainedWeights {
  private final Path directory;
  private final ModelConfig.Fgram config;
  private final Safetensors tensors;

  private FgramCheckpoint(Path directory, ModelConfig.Fgram config, Safetensors tensors) {
    this.directory = directory;
    this.config = config;
    this.tensors = tensors;
  }

  /**
   * Opens a checkpoint.
   *
   * @param path its directory, or a run's, of which the latest is taken
   * @throws IOException if it is neither, or has no f-gram model
   */
  public static FgramCheckpoint open(Path path) throws IOException {
    Path directory = Checkpoint.find(path);
    ModelConfig config = ModelConfig.read(directory);
    if (config.isBaseline()) {
      throw new IOException(directory + " is a baseline: it has no f-gram model to start from");
    }
    return new FgramCheckpoint(
        directory, config.fgram(), Safetensors.open(directory.resolve(Weights.FILE)));
  }

  @Override
  public Shape shape() {
    return new Shape(config.maxNgram(), config.dim(), config.layers(), config.heads());
  }

  @Override
  public Optional<ModelConfig.Combine> combine() {
    return Optional.of(config.combine());
  }

  @Override
  public OptionalInt memory() {
    return config.memory() > 0 ? OptionalInt.of(config.memory()) : OptionalInt.empty();
  }

  @Override
  public Set<String> names() {
    return tensors.names().stream()
        .filter(name -> name.startsWith(Weights.FGRAM))
        .map(name -> name.substring(Weights.FGRAM.length()))
        .collect(Collectors.toSet());
  }

  @Override
  public List<Long> shape(String name) throws IOException {
    return tensors.shape(Weights.FGRAM + name);
  }

  @Override
  public float[] values(String name) throws IOException {
    return tensors.floats(Weights.FGRAM + name);
  }

  @Override
  public String fingerprint() throws IOException {
    return Fingerprint.of(directory.resolve(Weights.FILE));
  }
}
