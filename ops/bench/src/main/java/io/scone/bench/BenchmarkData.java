package io.scone.bench;

import io.scone.corpus.CorpusTokenizer;
import io.scone.corpus.Documents;
import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.files.AtomicFiles;
import io.scone.manifest.Fingerprint;
import io.scone.mining.FgramCursor;
import io.scone.mining.FgramFile;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.progress.Progress;
import io.scone.table.TableSpec;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a benchmark works on, prepared in a directory: text to ask for, f-grams mined from other
 * text, and a table of their rows.
 *
 * <p>Every product comes to be whole or not at all, and one that is there is not made again.
 */
public final class BenchmarkData {
  private static final int MAX_NGRAM = 5;
  private static final long MIN_COUNT = 2;
  private static final String SETTINGS = "settings";

  private final DataConfig config;
  private final FgramFile fgramFile;
  private final int[] text;
  private final int[][] fgrams;
  private final FgramIndex index;

  private BenchmarkData(DataConfig config) throws IOException {
    this.config = config;
    this.fgramFile = FgramFile.open(path("fgrams.bin"));
    this.text = tokens(TokenCorpus.open(path("asked.tokens")));
    this.fgrams = new int[fgramFile.size()][];
    try (FgramCursor cursor = fgramFile.cursor()) {
      for (int i = 0; cursor.next(); i++) {
        fgrams[i] = cursor.tokens();
      }
    }
    this.index = fgramFile.index();
  }

  /**
   * Prepares what is missing in the directory and opens it.
   *
   * @throws IOException if the directory was prepared with other settings, or there is nothing to
   *     prepare it from
   */
  public static BenchmarkData prepare(DataConfig config, Progress progress) throws IOException {
    BenchmarkData data = prepareFgrams(config, progress);
    if (!Files.exists(data.table())) {
      data.buildTable(data.table(), data.pattern(), progress);
    }
    return data;
  }

  /** Opens what is prepared in a directory. */
  static BenchmarkData open(Path directory) throws IOException {
    List<String> settings = Files.readAllLines(directory.resolve(SETTINGS));
    return new BenchmarkData(DataConfig.prepared(directory, settings));
  }

  /** Does as {@link #prepare} but for the table. */
  static BenchmarkData prepareFgrams(DataConfig config, Progress progress) throws IOException {
    Path mined = config.directory().resolve("mined.tokens");
    Path asked = config.directory().resolve("asked.tokens");
    boolean tokenized = Files.exists(mined) && Files.exists(asked);
    if (!tokenized) {
      checkCorpus(config); // first: settings that nothing was made with must not bind later runs
    }
    Files.createDirectories(config.directory());
    pin(config);
    if (!tokenized) {
      tokenize(config, mined, asked, progress);
    }
    Path fgrams = config.directory().resolve("fgrams.bin");
    if (!Files.exists(fgrams)) {
      long memory = Math.min(2L << 30, Runtime.getRuntime().maxMemory() / 2);
      MiningOptions options =
          new MiningOptions(MAX_NGRAM, config.fgrams(), MIN_COUNT, 1, memory, config.threads());
      FgramMiner.mine(TokenCorpus.open(mined), options, fgrams, progress);
    }
    return new BenchmarkData(config);
  }

  /** Returns the directory of the table. */
  public Path table() {
    return path("table");
  }

  /** Returns the f-grams in key order, each in reading order. */
  int[][] fgrams() {
    return fgrams;
  }

  /** Returns the file of the f-grams. */
  Path fgramFile() {
    return path("fgrams.bin");
  }

  FgramIndex index() {
    return index;
  }

  /**
   * Returns text that the f-grams were not mined from, documents ended by the end-of-text token.
   */
  int[] text() {
    return text;
  }

  /** Returns the pattern of the rows of {@link #table}. */
  RowPattern pattern() {
    return new RowPattern(config.rowBytes(), 0);
  }

  int rowBytes() {
    return config.rowBytes();
  }

  /** Returns the bytes of all rows. */
  long payloadBytes() {
    return (long) fgrams.length * config.rowBytes();
  }

  Path path(String product) {
    return config.directory().resolve(product);
  }

  /** Builds a table of all f-grams with rows of a pattern. */
  void buildTable(Path table, RowPattern pattern, Progress progress) throws IOException {
    TableSpec spec =
        new TableSpec(
            new Fingerprint().update("benchmark").finish(),
            fgramFile.tokenizerFingerprint(),
            Fingerprint.of(fgramFile()),
            fgramFile.vocabularySize(),
            fgramFile.maxNgram(),
            config.dim(),
            config.dtype(),
            BenchmarkTable.MADE_BY);
    BenchmarkTable.build(
        table,
        spec,
        fgramFile,
        (number, fgram, row) -> pattern.write(fgram, 0, fgram.length, row),
        progress);
  }

  private static void checkCorpus(DataConfig config) throws IOException {
    if (config.corpus().isEmpty()) {
      throw new IOException(
          config.directory() + " is not prepared yet: name the text to prepare it from (--corpus)");
    }
    Documents.of(config.corpus());
  }

  private static void pin(DataConfig config) throws IOException {
    Path file = config.directory().resolve(SETTINGS);
    if (!Files.exists(file)) {
      AtomicFiles.write(
          file, (String.join("\n", config.lines()) + "\n").getBytes(StandardCharsets.UTF_8));
      return;
    }
    List<String> prepared = Files.readAllLines(file);
    if (!prepared.equals(config.lines())) {
      throw new IOException(
          "%s was prepared with other settings (%s); give the same or another directory"
              .formatted(config.directory(), String.join(", ", prepared)));
    }
  }

  private static void tokenize(DataConfig config, Path mined, Path asked, Progress progress)
      throws IOException {
    List<Path> corpus = config.corpus();
    try (Tokenizer tokenizer = Tokenizers.gpt2()) {
      if (corpus.size() == 1 && TokenCorpus.isAt(corpus.get(0))) {
        TokenCorpus tokens = TokenCorpus.open(corpus.get(0));
        if (!tokens.tokenizerFingerprint().equals(tokenizer.fingerprint())) {
          throw new IOException(corpus.get(0) + " does not hold GPT-2 tokens");
        }
        HeldOutTokens.split(tokens, tokenizer, mined, asked);
        return;
      }
      Path all = config.directory().resolve("all.tokens");
      CorpusTokenizer.tokenize(Documents.of(corpus), tokenizer, all, config.threads(), progress);
      HeldOutTokens.split(TokenCorpus.open(all), tokenizer, mined, asked);
      Files.delete(all);
    }
  }

  private static int[] tokens(TokenCorpus corpus) {
    int[] tokens = new int[Math.toIntExact(corpus.tokenCount())];
    corpus.read(0, tokens, 0, tokens.length);
    return tokens;
  }
}
