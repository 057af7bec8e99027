package io.scone.training;

import com.fasterxml.jackson.annotation.JsonValue;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * The shapes of a main model and its f-gram model: a checkpoint's `model.json`.
 *
 * @param main the decoder that inference runs
 * @param fgram the transformer that makes the f-grams' rows, or null in a baseline, which has none
 */
public record ModelConfig(Main main, Fgram fgram) {
  /** The file's name in a checkpoint. */
  static final String FILE = "model.json";

  /**
   * The shape of the main model.
   *
   * @param vocabularySize tokens run from 0 to this, exclusive
   * @param context the longest sequence, in tokens
   * @param dim width of embeddings and residual stream
   * @param layers transformer blocks
   * @param heads attention heads; they divide {@code dim}
   */
  public record Main(int vocabularySize, int context, int dim, int layers, int heads) {
    /** A shape of a few million weights, for GPT-2's vocabulary. */
    public static final Main DEFAULT = new Main(50257, 128, 128, 4, 2);

    /** Checks that the fields agree with each other. */
    public Main {
      check(vocabularySize > 0, "the vocabulary size is %d, not positive", vocabularySize);
      check(context > 0, "the context is %d, not positive", context);
      check(dim > 0, "the width (dim) is %d, not positive", dim);
      check(layers > 0, "the main model's layers are %d, not positive", layers);
      checkHeads("main model", heads, dim);
    }
  }

  /**
   * The shape of the f-gram model.
   *
   * @param maxNgram K, the most tokens in an f-gram, 2 to 255
   * @param dim width of its residual stream, or 0 for the main model's. One of another width, or
   *     whose rows are residual, reads token embeddings and gives rows through a projection each
   * @param layers transformer blocks; 0 for a memory alone
   * @param heads attention heads; they divide {@code dim}
   * @param combine what a row does to the embedding of its f-gram's last token
   * @param memory learned vectors of the main model's width, those of an f-gram's suffixes being
   *     added to its row (see {@link SuffixHash}); 0 for none
   */
  public record Fgram(int maxNgram, int dim, int layers, int heads, Combine combine, int memory) {
    /** Two blocks of the main model's width, beside a memory that suits a CPU. */
    public static final Fgram DEFAULT = new Fgram(5, 0, 2, 2, Combine.RESIDUAL, 1 << 18);

    /** Checks that the fields are in bounds. */
    public Fgram {
      check(maxNgram >= 2 && maxNgram <= 255, "K (max_ngram) is %d, not in 2..255", maxNgram);
      check(dim >= 0, "the f-gram model's width (dim) is %d, not 0 or more", dim);
      check(layers >= 0, "the f-gram model's layers are %d, not 0 or more", layers);
      check(combine != null, "the f-gram model's combine is missing");
      check(memory >= 0, "the f-gram model's memory is %d vectors, not 0 or more", memory);
      check(
          layers > 0 || (memory > 0 && combine != Combine.REPLACE),
          "an f-gram model without layers wants a memory, and rows that begin as token embeddings"
              + " (combine residual)");
    }

    /** Makes a model without a memory. */
    public Fgram(int maxNgram, int dim, int layers, int heads, Combine combine) {
      this(maxNgram, dim, layers, heads, combine, 0);
    }

    /** Makes a model of the main model's width, whose rows replace token embeddings. */
    public Fgram(int maxNgram, int layers, int heads) {
      this(maxNgram, 0, layers, heads, Combine.REPLACE);
    }

    private Fgram ofWidth(int width) {
      return new Fgram(maxNgram, width, layers, heads, combine, memory);
    }
  }

  /** How a row is made of the f-gram model's output; inference is the same. */
  public enum Combine {
    /** The row is the output, as in the paper. */
    REPLACE,
    /** The row is the embedding of the f-gram's last token plus the output. */
    ADD,
    /**
     * The row is the embedding of the f-gram's last token plus a projection of the output that
     * begins as zero: a row has the scale of an embedding and begins as its last token's.
     */
    RESIDUAL;

    /** Returns the name used in settings and files: `replace`, `add` or `residual`. */
    @Override
    @JsonValue
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Checks that the two models fit together, and gives the f-gram model its width. */
  public ModelConfig {
    check(main != null, "the main model's shape is missing");
    if (fgram != null) {
      fgram = fgram.dim() == 0 ? fgram.ofWidth(main.dim()) : fgram;
      checkHeads("f-gram model", fgram.heads(), fgram.dim());
    }
  }

  /** Says whether the model has no f-gram model: all its input embeddings are its tokens' own. */
  public boolean isBaseline() {
    return fgram == null;
  }

  /** Says whether the f-gram model reads token embeddings and gives rows through projections. */
  public boolean isProjected() {
    return hasTransformer() && (fgram.dim() != main.dim() || isResidual());
  }

  /** Says whether the f-gram model has a transformer, and is not a memory alone. */
  public boolean hasTransformer() {
    return fgram != null && fgram.layers() > 0;
  }

  /** Says whether the f-gram model has a memory. */
  public boolean hasMemory() {
    return memory() > 0;
  }

  /** Returns how many vectors the f-gram model's memory has, 0 without one. */
  int memory() {
    return fgram == null ? 0 : fgram.memory();
  }

  /** Says whether what is added to the embedding of an f-gram's last token begins as zero. */
  public boolean isResidual() {
    return fgram != null && fgram.combine() == Combine.RESIDUAL;
  }

  /** Says whether the embedding of an f-gram's last token is added to the f-gram model's output. */
  public boolean addsLastToken() {
    return fgram != null && fgram.combine() != Combine.REPLACE;
  }

  /** Returns the same main model without f-grams. */
  public ModelConfig baseline() {
    return new ModelConfig(main, null);
  }

  /**
   * Reads the `model.json` of a checkpoint directory.
   *
   * @throws IOException if it is missing, malformed or holds an unknown key; the message says which
   */
  public static ModelConfig read(Path checkpoint) throws IOException {
    return Json.read(checkpoint.resolve(FILE), ModelConfig.class);
  }

  /** Writes `model.json` into a checkpoint directory. */
  public void write(Path checkpoint) throws IOException {
    Json.write(checkpoint.resolve(FILE), this);
  }

  private static void checkHeads(String model, int heads, int dim) {
    check(
        heads > 0 && dim % heads == 0,
        "the %s's %d heads do not divide its width %d",
        model,
        heads,
        dim);
  }

  private static void check(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, arguments));
    }
  }
}
