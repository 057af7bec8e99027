package io.scone.run;

import io.scone.corpus.CorpusTokenizer;
import io.scone.corpus.Documents;
import io.scone.corpus.TokenCorpus;
import io.scone.manifest.Fingerprint;
import io.scone.mining.FgramFile;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Makes the files that a run is trained on: tokenizes text and mines f-grams, unless they are
 * there.
 *
 * <p>A file is named for all that it was made from, so that what is there under a name is right,
 * and runs of different settings can share a directory.
 */
public final class DataPreparation {
  private static final String TOKENS = ".tokens";
  private static final int ID_BEGIN = "sha256:".length();
  private static final int ID_DIGITS = 12;

  private final DataConfig config;
  private final Path directory;
  private final int threads;
  private final Progress progress;

  /**
   * Makes nothing yet.
   *
   * @param directory where files that have to be made go
   * @param threads the threads to work with, or 0 for one each processor
   */
  public DataPreparation(DataConfig config, Path directory, int threads, Progress progress) {
    this.config = config;
    this.directory = directory;
    this.threads = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    this.progress = progress;
  }

  /**
   * Returns the files, made where they are missing.
   *
   * @param baseline whether no f-grams are needed: none are mined then, but those of a file that
   *     the settings name part a baseline's predictions as they part those of a model with rows
   * @throws IllegalArgumentException if the settings do not suffice or do not fit the files
   */
  public RunFiles prepare(boolean baseline) throws IOException {
    Path corpus = tokens("train", config.corpusPaths());
    Path validation =
        config.validation().isEmpty() ? null : tokens("validation", config.validationPaths());
    return new RunFiles(
        corpus, validation, baseline && config.fgrams() == null ? null : fgrams(corpus));
  }

  private Path tokens(String name, List<Path> text) throws IOException {
    if (TokenCorpus.isAmong(text)) {
      return tokenized(text);
    }
    if (config.tokenizer() == null) {
      throw new IllegalArgumentException(
          "text needs a tokenizer: data.tokenizer=gpt2, or the path of a tokenizer.json");
    }
    Documents documents = Documents.of(text);
    try (Tokenizer tokenizer = Tokenizers.of(config.tokenizer())) {
      Path file = directory.resolve(name + "-" + id(documents, tokenizer) + TOKENS);
      if (!Files.exists(file)) {
        Files.createDirectories(directory);
        CorpusTokenizer.tokenize(documents, tokenizer, file, threads, progress);
      }
      return file;
    }
  }

  private Path tokenized(List<Path> files) throws IOException {
    if (files.size() > 1) {
      throw new IllegalArgumentException(
          "tokens must be a corpus by themselves: one .tokens file, or a directory of them");
    }
    Path file = files.get(0);
    if (config.tokenizer() != null) {
      String made = TokenCorpus.open(file).tokenizerFingerprint();
      try (Tokenizer given = Tokenizers.of(config.tokenizer())) {
        if (!given.fingerprint().equals(made)) {
          throw new IllegalArgumentException(
              "%s was made by another tokenizer, %s, than data.tokenizer=%s, %s: tokenize it again"
                  .formatted(file, made, config.tokenizer(), given.fingerprint()));
        }
      }
    }
    return file;
  }

  private Path fgrams(Path corpus) throws IOException {
    if (config.fgrams() != null) {
      Path file = Path.of(config.fgrams());
      FgramFile.open(file); // says what is wrong with it before anything is made
      return file;
    }
    MiningOptions options =
        new MiningOptions(
            config.maxN(),
            config.maxFgrams(),
            config.minCount(),
            config.minDocuments(),
            MiningOptions.defaultMemoryBytes(),
            threads);
    String from =
        TokenCorpus.open(corpus).fingerprint()
            + options.maxNgram()
            + ","
            + options.size()
            + ","
            + options.minCount()
            + ","
            + options.minDocuments();
    Path file = directory.resolve("fgrams-" + id(from) + ".bin");
    if (!Files.exists(file)) {
      Files.createDirectories(directory);
      FgramMiner.mine(TokenCorpus.open(corpus), options, file, progress);
    }
    return file;
  }

  /**
   * Names text by its files, their sizes and when they were last changed: reading it takes long.
   */
  private static String id(Documents documents, Tokenizer tokenizer) throws IOException {
    StringBuilder from = new StringBuilder(tokenizer.fingerprint());
    for (Path file : documents.files()) {
      from.append('\n').append(file.toAbsolutePath().normalize());
      from.append(' ').append(Files.size(file)).append(' ').append(Files.getLastModifiedTime(file));
    }
    return id(from.toString());
  }

  private static String id(String from) {
    String fingerprint = new Fingerprint().update(from).finish();
    return fingerprint.substring(ID_BEGIN, ID_BEGIN + ID_DIGITS);
  }
}
