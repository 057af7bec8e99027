package io.scone.export;

import io.scone.files.AtomicFiles;
import io.scone.manifest.BundleManifest;
import io.scone.manifest.Fingerprint;
import io.scone.manifest.Precision;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.table.Durable;
import io.scone.tokenizer.Tokenizer;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Makes a bundle: a model directory with all that inference needs, of parts that fit together.
 *
 * <p>Weights are read, rounded and written one after another, so that a model need not fit in
 * memory.
 */
public final class BundleExporter {
  /** Weights of up to this many bytes stay in the graph's own file. */
  private static final long MAX_INLINE_BYTES = 100_000_000;

  /** ONNX Runtime's attention wants heads of a multiple of this many values. */
  private static final int HEAD_MULTIPLE = 8;

  private final String name;
  private final ModelConfig config;
  private final WeightSource weights;
  private Precision main = Precision.of(Dtype.F32);
  private Dtype fgram = Dtype.F32;

  private BundleExporter(String name, ModelConfig config, WeightSource weights) {
    this.name = name;
    this.config = config;
    this.weights = weights;
  }

  /**
   * Begins the export of a checkpoint.
   *
   * @param checkpoint the directory of the trained models
   * @throws IOException if it is no checkpoint
   */
  public static BundleExporter ofCheckpoint(Path checkpoint) throws IOException {
    return new BundleExporter(
        checkpoint.toString(), ModelConfig.read(checkpoint), new CheckpointWeights(checkpoint));
  }

  /**
   * Begins the export of models of random weights: to measure how fast a shape is, nobody need
   * train it.
   *
   * @param seed weights of one seed are the same each time
   */
  public static BundleExporter ofRandomWeights(ModelConfig config, long seed) {
    return new BundleExporter("the model", config, new RandomWeights(config, seed));
  }

  /** Sets what the main model computes in; f32 if not set. */
  public BundleExporter main(Precision precision) {
    main = precision;
    return this;
  }

  /**
   * Sets what the f-gram model computes in, f32 if not set.
   *
   * @param dtype f32, f16 or bf16; ONNX Runtime's attention takes only the latter two on a GPU
   */
  public BundleExporter fgram(Dtype dtype) {
    if (Precision.of(dtype).activations() != dtype) {
      throw new IllegalArgumentException(
          "the f-gram model's type is f32, f16 or bf16, not " + dtype);
    }
    fgram = dtype;
    return this;
  }

  /**
   * Makes the bundle. It appears complete and durable, or not at all.
   *
   * @param tokenizer the tokenizer that the models were trained with; the caller's
   * @param fgrams the file of the f-grams that they were trained with; null for a baseline
   * @param bundle the directory to make; it must not exist
   * @param madeBy the program and its release
   * @return the bundle's manifest
   * @throws IOException if the parts do not belong together, the models cannot be exported, or a
   *     file cannot be read or written; the message says which
   */
  public BundleManifest export(Tokenizer tokenizer, Path fgrams, Path bundle, String madeBy)
      throws IOException {
    if (Files.exists(bundle, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          bundle.toString(), null, "a bundle is never overwritten; delete it or choose another");
    }
    checkModels();
    checkTokenizer(tokenizer);
    checkFgrams(fgrams, tokenizer);

    Path target = bundle.toAbsolutePath().normalize();
    Path partial = AtomicFiles.temporary(target);
    Durable.delete(partial); // what an export that was killed left behind
    Files.createDirectories(partial);
    try {
      Files.write(partial.resolve(BundleManifest.TOKENIZER), tokenizer.json());
      MainGraph.build(config.main(), weights, main)
          .write(partial.resolve(BundleManifest.MAIN_MODEL), MAX_INLINE_BYTES);
      if (!config.isBaseline()) {
        Files.copy(fgrams, partial.resolve(BundleManifest.FGRAMS));
        FgramGraph.build(config, weights, fgram)
            .write(partial.resolve(BundleManifest.FGRAM_MODEL), MAX_INLINE_BYTES);
      }
      BundleManifest manifest = manifest(partial, tokenizer, madeBy);
      manifest.write(partial);
      AtomicFiles.publish(target);
      return manifest;
    } finally {
      Durable.delete(partial);
    }
  }

  private BundleManifest manifest(Path partial, Tokenizer tokenizer, String madeBy)
      throws IOException {
    ModelConfig.Main shape = config.main();
    Map<String, String> files = new TreeMap<>();
    try (Stream<Path> written = Files.list(partial)) {
      for (Path file : (Iterable<Path>) written::iterator) {
        files.put(file.getFileName().toString(), Fingerprint.of(file));
      }
    }
    String tokenizerFingerprint = files.remove(BundleManifest.TOKENIZER);
    String fgramsFingerprint = files.remove(BundleManifest.FGRAMS);
    return new BundleManifest(
        BundleManifest.FORMAT_VERSION,
        weights.fingerprint(),
        tokenizerFingerprint,
        fgramsFingerprint,
        tokenizer.endOfText(),
        new BundleManifest.MainModel(
            shape.vocabularySize(),
            shape.context(),
            shape.dim(),
            shape.layers(),
            shape.heads(),
            main),
        config.isBaseline() ? null : fgramShape(),
        files,
        madeBy);
  }

  private BundleManifest.FgramModel fgramShape() {
    ModelConfig.Fgram shape = config.fgram();
    return new BundleManifest.FgramModel(
        shape.maxNgram(), shape.dim(), shape.layers(), shape.heads(), fgram);
  }

  private void checkModels() throws IOException {
    checkHeads("main model", config.main().dim() / config.main().heads());
    if (!config.isBaseline()) {
      checkHeads("f-gram model", config.fgram().dim() / config.fgram().heads());
    }
    checkBlocks();
  }

  private void checkBlocks() throws IOException {
    if (main.weights() != main.activations() && config.main().dim() % PackedBlocks.BLOCK != 0) {
      throw mismatch(
          "%s cannot be exported in %s: its width (dim) is %d, and blocks need a multiple of %d",
          name, main, config.main().dim(), PackedBlocks.BLOCK);
    }
  }

  private void checkHeads(String model, int width) throws IOException {
    if (width % HEAD_MULTIPLE != 0) {
      throw mismatch(
          "%s cannot be exported: the %s's heads have %d values each, and ONNX Runtime needs a"
              + " multiple of %d",
          name, model, width, HEAD_MULTIPLE);
    }
  }

  private void checkTokenizer(Tokenizer tokenizer) throws IOException {
    if (tokenizer.vocabularySize() != config.main().vocabularySize()) {
      throw mismatch(
          "%s was trained with a vocabulary of %d tokens, and the tokenizer has %d",
          name, config.main().vocabularySize(), tokenizer.vocabularySize());
    }
  }

  private void checkFgrams(Path file, Tokenizer tokenizer) throws IOException {
    if (config.isBaseline() && file != null) {
      throw mismatch("%s is a baseline: it has no place for the f-grams %s", name, file);
    }
    if (config.isBaseline()) {
      return;
    }
    if (file == null) {
      throw mismatch("%s was trained with f-grams, and none are given", name);
    }
    FgramFile fgrams = FgramFile.open(file);
    if (!fgrams.tokenizerFingerprint().equals(tokenizer.fingerprint())) {
      throw mismatch(
          "%s was mined with the tokenizer %s, and the one given is %s",
          file, fgrams.tokenizerFingerprint(), tokenizer.fingerprint());
    }
    if (fgrams.maxNgram() != config.fgram().maxNgram()) {
      throw mismatch(
          "%s holds f-grams of up to %d tokens, and the f-gram model takes up to %d",
          file, fgrams.maxNgram(), config.fgram().maxNgram());
    }
  }

  private static IOException mismatch(String format, Object... arguments) {
    return new IOException(String.format(Locale.ROOT, format, arguments));
  }
}
