package io.scone.export;

import io.scone.manifest.Precision;
import io.scone.row.Dtype;
import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A checkpoint whose matrices hold what blocks of few bits stand for. */
final class DequantizedCheckpoint {
  private DequantizedCheckpoint() {}

  /** Writes it, made of another checkpoint, into a directory. */
  static void write(Path checkpoint, Path directory, Precision precision) throws IOException {
    Safetensors trained = Safetensors.open(checkpoint.resolve("model.safetensors"));
    Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
    for (String name : trained.names()) {
      List<Long> shape = trained.shape(name);
      float[] values = trained.floats(name);
      if (name.equals("wte.weight")) {
        round(values, 1, new BlockQuantizer(8, precision.activations()));
      } else if (shape.size() == 2 && !name.endsWith("wpe.weight") && !name.startsWith("fgram.")) {
        int bits = precision.weights() == Dtype.INT4 ? 4 : 8;
        round(
            values,
            Math.toIntExact(shape.get(1)),
            new BlockQuantizer(bits, precision.activations()));
      }
      tensors.put(
          name, Safetensors.Source.of(values, shape.stream().mapToLong(Long::longValue).toArray()));
    }
    Safetensors.write(directory.resolve("model.safetensors"), tensors);
    ModelConfig.read(checkpoint).write(directory);
  }

  /** Rounds blocks of 32 values that lie {@code step} apart. */
  private static void round(float[] values, int step, BlockQuantizer quantizer) {
    float[] block = new float[32];
    byte[] codes = new byte[32];
    for (int start = 0; start < values.length; start += 32 * step) {
      for (int first = start; first < start + step; first++) {
        for (int i = 0; i < 32; i++) {
          block[i] = values[first + i * step];
        }
        quantizer.quantize(block, 0, 32, codes);
        for (int i = 0; i < 32; i++) {
          values[first + i * step] =
              ((codes[i] & 0xff) - quantizer.zeroPoint()) * quantizer.scale();
        }
      }
    }
  }
}
