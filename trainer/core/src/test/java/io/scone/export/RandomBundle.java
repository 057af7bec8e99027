package io.scone.export;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.inference.Bundle;
import io.scone.manifest.BundleManifest;
import io.scone.manifest.Fingerprint;
import io.scone.row.Dtype;
import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;

final class RandomBundle {
  static FgramIndex fgramsOf(int[][] sequences, Random random, int vocabulary, int maxNgram) {
    TreeSet<byte[]> keys = new TreeSet<>(FgramKey::compare);
    for (int[] tokens : sequences) {
      for (int i = 0; i < 12; i++) {
        int at = random.nextInt(tokens.length - maxNgram);
        int length = 2 + random.nextInt(maxNgram - 1);
        for (int from = at; from < at + length; from++) {
          for (int to = from + 2; to <= at + length; to++) {
            keys.add(FgramKey.encode(tokens, from, to - from));
          }
        }
      }
    }
    FgramIndex.Builder builder = FgramIndex.builder(vocabulary, maxNgram, keys.size());
    keys.forEach(key -> builder.add(FgramKey.decode(key)));
    return builder.build();
  }

  static Bundle export(Path directory, ModelConfig c, long seed) throws Exception {
    Path checkpoint = RandomCheckpoint.write(directory.resolve("checkpoint"), c, seed);
    Path b = Files.createDirectories(directory.resolve("bundle"));
    Safetensors weights = Safetensors.open(checkpoint.resolve("model.safetensors"));
    MainGraph.build(c.main(), weights).write(b.resolve("main.onnx"), 0);
    FgramGraph.build(c, weights).write(b.resolve("fgram.onnx"), 1L << 40);
    Files.writeString(b.resolve("tokenizer.json"), "x");
    Files.writeString(b.resolve("fgrams.bin"), "x");
    Map<String, String> files = new HashMap<>();
    for (String f : Arrays.asList("main.onnx", "main.onnx.data", "fgram.onnx")) {
      files.put(f, Fingerprint.of(b.resolve(f)));
    }
    String z = new Fingerprint().finish();
    ModelConfig.Main m = c.main();
    new BundleManifest(
            1,
            z,
            z,
            z,
            0,
            new BundleManifest.MainModel(
                m.vocabularySize(), m.context(), m.dim(), m.layers(), m.heads(), Dtype.F32),
            new BundleManifest.FgramModel(
                c.fgram().maxNgram(), c.fgram().layers(), c.fgram().heads()),
            files,
            "x")
        .write(b);
    return Bundle.open(b);
  }
}
