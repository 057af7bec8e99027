package io.scone.bench;

import io.scone.export.BundleExporter;
import io.scone.inference.Bundle;
import io.scone.manifest.BundleManifest;
import io.scone.mining.FgramFile;
import io.scone.progress.Progress;
import io.scone.row.RowCodec;
import io.scone.table.TableSpec;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/**
 * What generation is measured with: a bundle of random weights, real text and real f-grams of other
 * text, and a table of random rows for them.
 */
final class GenerationData {
  private static final long SEED = 1;
  private static final double DEVIATION = 0.02; // as the token embeddings' at the beginning

  private final BenchmarkData text;
  private final Bundle bundle;
  private final Path table;

  private GenerationData(BenchmarkData text, Bundle bundle, Path table) {
    this.text = text;
    this.bundle = bundle;
    this.table = table;
  }

  /** Prepares what is missing beside the text and its f-grams, and opens it. */
  static GenerationData prepare(BenchmarkData text, GenerationConfig config, Progress progress)
      throws IOException {
    Path directory = text.path(config.shape() + "-" + config.precision());
    Files.createDirectories(directory);
    Path bundle = directory.resolve("bundle");
    if (!Files.exists(bundle)) {
      progress.begin("writing the model", 1, "models");
      try (Tokenizer tokenizer = Tokenizers.gpt2()) {
        BundleExporter.ofRandomWeights(
                config
                    .shape()
                    .config(
                        tokenizer.vocabularySize(),
                        GenerationConfig.CONTEXT,
                        text.index().maxNgram()),
                SEED)
            .main(config.precision())
            .export(tokenizer, text.fgramFile(), bundle, BenchmarkTable.MADE_BY);
      }
      progress.end();
    }
    Bundle opened = Bundle.open(bundle);
    Path table = directory.resolve("table");
    if (!Files.exists(table)) {
      buildTable(table, opened, progress);
    }
    return new GenerationData(text, opened, table);
  }

  /** Writes a random row of the model's activations for each f-gram. */
  private static void buildTable(Path table, Bundle bundle, Progress progress) throws IOException {
    BundleManifest manifest = bundle.manifest();
    TableSpec spec =
        TableSpec.of(manifest, manifest.mainModel().activations(), BenchmarkTable.MADE_BY);
    RowCodec codec = spec.rowCodec();
    float[] values = new float[codec.dim()];
    BenchmarkTable.build(
        table,
        spec,
        FgramFile.open(bundle.fgrams()),
        (number, fgram, row) -> {
          SplittableRandom random = new SplittableRandom(SEED + number);
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * Math.sqrt(3) * DEVIATION);
          }
          codec.encode(values, 0, row);
        },
        progress);
  }

  Bundle bundle() {
    return bundle;
  }

  /** Returns the directory of the table. */
  Path table() {
    return table;
  }

  /**
   * Returns a stretch of the text that the f-grams were not mined from.
   *
   * @param number which one; they start at different places
   */
  int[] text(int number, int length) {
    int[] all = text.text();
    int[] part = new int[length];
    long start = number * 7919L * length % all.length; // a prime apart: no two alike
    for (int i = 0; i < length; i++) {
      part[i] = all[(int) ((start + i) % all.length)];
    }
    return part;
  }
}
