package io.scone.export;

import io.scone.manifest.Fingerprint;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;

/** The weights of a checkpoint's safetensors, mapped as they are read. */
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
    return new MappedValues(name);
  }

  /** A tensor's values, of which a piece is mapped at a time. */
  private final class MappedValues implements Values {
    private final String name;
    private long mapped;
    private FloatBuffer piece = FloatBuffer.allocate(0);

    MappedValues(String name) {
      this.name = name;
    }

    @Override
    public void next(float[] into, int count) throws IOException {
      for (int read = 0; read < count; ) {
        if (!piece.hasRemaining()) {
          ByteBuffer next = tensors.piece(name, mapped);
          mapped += next.remaining();
          piece = next.asFloatBuffer();
        }
        int some = Math.min(count - read, piece.remaining());
        piece.get(into, read, some);
        read += some;
      }
    }
  }

  @Override
  public String fingerprint() throws IOException {
    return Fingerprint.of(file);
  }
}
