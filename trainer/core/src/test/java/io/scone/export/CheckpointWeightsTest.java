package io.scone.export;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.scone.training.Safetensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointWeightsTest {
  @TempDir Path directory;

  @Test
  void aTensorOfSeveralPiecesIsReadInSpansThatDoNotEndWithThem() throws IOException {
    float[] values = new float[17_000_000]; // 65 MiB
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Safetensors.write(
        directory.resolve("model.safetensors"),
        Map.of("rows", Safetensors.Source.of(values, 17_000, 1000)));
    WeightSource.Values read =
        new CheckpointWeights(directory).open("rows", List.of(17_000L, 1000L));
    float[] span = new float[7000];
    for (int at = 0; at < values.length; at += span.length) {
      int count = Math.min(span.length, values.length - at);
      read.next(span, count);
      assertEquals(-1, Arrays.mismatch(values, at, at + count, span, 0, count));
    }
  }
}
