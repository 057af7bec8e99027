package io.scone.manifest;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a bundle holds: the `manifest.json` of a model directory with its tokenizer, its ONNX graphs
 * and its f-grams. A baseline's has neither f-grams nor their model.
 *
 * @param formatVersion the layout of the directory; this release reads {@link #FORMAT_VERSION}
 * @param modelFingerprint the trained weights of all models; tables made by them carry it
 * @param tokenizerFingerprint the content of `tokenizer.json`
 * @param fgramsFingerprint the content of `fgrams.bin`; null in a baseline
 * @param endOfText the token that ends a document; no f-gram holds it
 * @param mainModel the shape of `main.onnx`
 * @param fgramModel the shape of `fgram.onnx`; null in a baseline
 * @param files the fingerprint of each other file of the bundle, by its name
 * @param madeBy the program and the release that made the bundle
 */
public record BundleManifest(
    int formatVersion,
    String modelFingerprint,
    String tokenizerFingerprint,
    @JsonSetter(nulls = Nulls.SET) String fgramsFingerprint,
    int endOfText,
    MainModel mainModel,
    @JsonSetter(nulls = Nulls.SET) FgramModel fgramModel,
    Map<String, String> files,
    String madeBy) {
  /** The layout this release writes and reads. */
  public static final int FORMAT_VERSION = 1;

  /** The tokenizer's file in a bundle. */
  public static final String TOKENIZER = "tokenizer.json";

  /** The main model's graph in a bundle. */
  public static final String MAIN_MODEL = "main.onnx";

  /** The f-gram model's graph in a bundle. */
  public static final String FGRAM_MODEL = "fgram.onnx";

  /** The f-grams and their counts in a bundle. */
  public static final String FGRAMS = "fgrams.bin";

  /** The table's directory in a bundle. */
  public static final String TABLE = "table";

  /**
   * The shape of the main model.
   *
   * @param vocabularySize tokens run from 0 to this, exclusive
   * @param context the longest sequence, in tokens
   * @param dim width of embeddings and residual stream
   * @param layers transformer blocks
   * @param heads attention heads; they divide {@code dim}
   * @param precision what weights and activations are; `dtype` in JSON
   */
  public record MainModel(
      int vocabularySize,
      int context,
      int dim,
      int layers,
      int heads,
      @JsonProperty("dtype") Precision precision) {
    /** Checks that the fields agree with each other. */
    public MainModel {
      Check.that(vocabularySize > 0, "vocabulary_size is %d", vocabularySize);
      Check.that(context > 0, "context is %d", context);
      Check.that(layers > 0, "layers is %d", layers);
      Check.that(heads > 0 && dim % heads == 0, "%d heads do not divide dim %d", heads, dim);
    }

    /** Returns the type of rows, keys and values: f32, f16 or bf16. */
    public Dtype activations() {
      return precision.activations();
    }
  }

  /**
   * The shape of the f-gram model.
   *
   * @param maxNgram K, the most tokens in an f-gram
   * @param dim width of its residual stream; its rows are as wide as the main model's
   * @param layers transformer blocks
   * @param heads attention heads; they divide {@code dim}
   * @param dtype what it is stored and computed in: f32, f16 or bf16
   */
  public record FgramModel(int maxNgram, int dim, int layers, int heads, Dtype dtype) {
    /** Checks that the fields are in bounds. */
    public FgramModel {
      Check.that(maxNgram >= 2 && maxNgram <= 255, "max_ngram is %d, not in 2..255", maxNgram);
      Check.that(layers >= 0, "layers is %d", layers);
      Check.that(heads > 0 && dim % heads == 0, "%d heads do not divide dim %d", heads, dim);
      Check.that(
          dtype != null && Precision.of(dtype).activations() == dtype,
          "the f-gram model's dtype is %s, not f32, f16 or bf16",
          dtype);
    }
  }

  /** Checks that the fields agree with each other. */
  public BundleManifest {
    Check.formatVersion(formatVersion, FORMAT_VERSION);
    Check.fingerprint("model_fingerprint", modelFingerprint);
    Check.fingerprint("tokenizer_fingerprint", tokenizerFingerprint);
    Check.that(
        (fgramsFingerprint == null) == (fgramModel == null),
        "fgrams_fingerprint and fgram_model go together, and only one is null");
    if (fgramsFingerprint != null) {
      Check.fingerprint("fgrams_fingerprint", fgramsFingerprint);
    }
    Check.that(
        endOfText >= 0 && endOfText < mainModel.vocabularySize(),
        "end_of_text %d is outside the vocabulary",
        endOfText);
    files = Collections.unmodifiableMap(new TreeMap<>(files)); // sorted: the JSON must not vary
  }

  /** Says whether the bundle has f-grams and their model: a baseline has neither. */
  public boolean hasFgrams() {
    return fgramModel != null;
  }

  /**
   * Reads the manifest of a bundle directory.
   *
   * @throws ManifestException if it is missing, malformed or of another format
   */
  public static BundleManifest read(Path directory) throws IOException {
    return ManifestFile.read(directory, BundleManifest.class, "bundle");
  }

  /** Writes the manifest into a bundle directory. */
  public void write(Path directory) throws IOException {
    ManifestFile.write(directory, this);
  }

  /** Returns the manifest as JSON. */
  public String toJson() {
    return ManifestFile.toJson(this);
  }
}
