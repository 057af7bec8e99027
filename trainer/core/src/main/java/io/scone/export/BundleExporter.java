package io.scone.export;

import io.scone.files.AtomicFiles;
import io.scone.manifest.BundleManifest;
import io.scone.manifest.Fingerprint;
import io.scone.mining.FgramFile;
import io.scone.row.Dtype;
import io.scone.table.Durable;
import io.scone.tokenizer.Tokenizer;
import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** Makes bundles: model directories with all that inference needs, of parts that fit together. */
public final class BundleExporter {
  /** Weights of up to this many bytes stay in the graph's own file. */
  private static final long MAX_INLINE_BYTES = 100_000_000;

  /** ONNX Runtime's attention wants heads of a multiple of this many values. */
  private static final int HEAD_MULTIPLE = 8;

  private static final String WEIGHTS = "model.safetensors";

  private BundleExporter() {}

  /**
   * Exports a checkpoint. The bundle appears complete and durable, or not at all.
   *
   * @param checkpoint the directory of the trained models
   * @param tokenizer the tokenizer they were trained with; the caller's
   * @param fgrams the file of the f-grams they were trained with
   * @param bundle the directory to make; it must not exist
   * @param madeBy the program and its release
   * @return the bundle's manifest
   * @throws IOException if the parts do not belong together, the checkpoint is no SCONE model, or a
   *     file cannot be read or written; the message says which
   */
  public static BundleManifest export(
      Path checkpoint, Tokenizer tokenizer, Path fgrams, Path bundle, String madeBy)
      throws IOException {
    if (Files.exists(bundle, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          bundle.toString(), null, "a bundle is never overwritten; delete it or choose another");
    }
    ModelConfig config = ModelConfig.read(checkpoint);
    Safetensors weights = Safetensors.open(checkpoint.resolve(WEIGHTS));
    FgramFile fgramFile = FgramFile.open(fgrams);
    checkModels(checkpoint, config);
    checkTokenizer(checkpoint, config, tokenizer);
    checkFgrams(fgrams, fgramFile, config, tokenizer);

    Path target = bundle.toAbsolutePath().normalize();
    Path partial = AtomicFiles.temporary(target);
    Durable.delete(partial); // what an export that was killed left behind
    Files.createDirectories(partial);
    try {
      Files.write(partial.resolve(BundleManifest.TOKENIZER), tokenizer.json());
      Files.copy(fgrams, partial.resolve(BundleManifest.FGRAMS));
      MainGraph.build(config.main(), weights)
          .write(partial.resolve(BundleManifest.MAIN_MODEL), MAX_INLINE_BYTES);
      FgramGraph.build(config, weights)
          .write(partial.resolve(BundleManifest.FGRAM_MODEL), MAX_INLINE_BYTES);
      BundleManifest manifest =
          manifest(partial, config, Fingerprint.of(checkpoint.resolve(WEIGHTS)), tokenizer, madeBy);
      manifest.write(partial);
      AtomicFiles.publish(target);
      return manifest;
    } finally {
      Durable.delete(partial);
    }
  }

  private static BundleManifest manifest(
      Path partial, ModelConfig config, String modelFingerprint, Tokenizer tokenizer, String madeBy)
      throws IOException {
    ModelConfig.Main main = config.main();
    ModelConfig.Fgram fgram = config.fgram();
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
        modelFingerprint,
        tokenizerFingerprint,
        fgramsFingerprint,
        tokenizer.endOfText(),
        new BundleManifest.MainModel(
            main.vocabularySize(),
            main.context(),
            main.dim(),
            main.layers(),
            main.heads(),
            Dtype.F32),
        new BundleManifest.FgramModel(fgram.maxNgram(), fgram.layers(), fgram.heads()),
        files,
        madeBy);
  }

  private static void checkModels(Path checkpoint, ModelConfig config) throws IOException {
    if (config.isBaseline()) {
      throw mismatch("%s is a baseline: it has no f-gram model to export", checkpoint);
    }
    checkHeads(checkpoint, "main model", config.main().dim(), config.main().heads());
    checkHeads(checkpoint, "f-gram model", config.main().dim(), config.fgram().heads());
  }

  private static void checkHeads(Path checkpoint, String model, int dim, int heads)
      throws IOException {
    if (dim / heads % HEAD_MULTIPLE != 0) {
      throw mismatch(
          "%s cannot be exported: the %s's heads have %d values each, and ONNX Runtime needs a"
              + " multiple of %d",
          checkpoint, model, dim / heads, HEAD_MULTIPLE);
    }
  }

  private static void checkTokenizer(Path checkpoint, ModelConfig config, Tokenizer tokenizer)
      throws IOException {
    if (tokenizer.vocabularySize() != config.main().vocabularySize()) {
      throw mismatch(
          "%s was trained with a vocabulary of %d tokens, and the tokenizer has %d",
          checkpoint, config.main().vocabularySize(), tokenizer.vocabularySize());
    }
  }

  private static void checkFgrams(
      Path file, FgramFile fgrams, ModelConfig config, Tokenizer tokenizer) throws IOException {
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
