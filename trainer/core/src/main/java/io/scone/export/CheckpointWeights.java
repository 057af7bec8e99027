package io.scone.export;

import io.scone.manifest.Fingerprint;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;

/** The weights of a checkpoint's safetensors, mapped. */
final class CheckpointWeights implements WeightSource {
  private static final String FILE = "model.safetensors";

  private final Path file;
  private final Safetensors tensors;

  CheckpointWeights(Path checkpoint) throws IOException {
    file = checkpoint.resolve(FILE);
    tensors = Safetensors.open(file);
  }

  @Override
  public Values open(String name, List<Long> shape) throws IOException {
    if (!tensors.shape(name).equals(shape)) {
      throw new IOException(
          "the checkpoint's tensor '"
              + name
              + "' has the shape "
              + tensors.shape(name)
              + ", its model.json says "
              + shape);
    }
    if (tensors.type(name) != Safetensors.Type.F32) {
      throw new IOException(
          "the checkpoint's tensor '" + name + "' is " + tensors.type(name) + ", not F32");
    }
    FloatBuffer values = tensors.data(name).asFloatBuffer();
    return (into, count) -> values.get(into, 0, count);
  }

  @Override
  public String fingerprint() throws IOException {
    return Fingerprint.of(file);
  }
}
