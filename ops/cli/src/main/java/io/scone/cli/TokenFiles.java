package io.scone.cli;

import io.scone.corpus.CorpusTokenizer;
import io.scone.corpus.Documents;
import io.scone.corpus.TokenCorpus;
import io.scone.corpus.WikiText;
import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/** Corpora as `.tokens` files: one that is tokenized already, or text, tokenized for the while. */
final class TokenFiles implements AutoCloseable {
  private static final String SUFFIX = ".tokens";

  private final CommandLine command;
  private final String tokenizer;
  private final int threads;
  private final Path directory;
  private final Progress progress;
  private final List<Path> temporaries = new ArrayList<>();

  /**
   * Makes no file yet.
   *
   * @param command whose bad usage it is if a corpus does not fit the tokenizer
   * @param tokenizer what text is tokenized by, or null if none was given
   * @param directory where temporary files go
   */
  TokenFiles(
      CommandLine command, String tokenizer, int threads, Path directory, Progress progress) {
    this.command = command;
    this.tokenizer = tokenizer;
    this.threads = threads;
    this.directory = directory;
    this.progress = progress;
  }

  /**
   * Returns the tokens of a corpus.
   *
   * @throws ParameterException if it is text and there is no tokenizer, or was tokenized by another
   */
  Path of(List<Path> corpus) throws IOException {
    if (TokenCorpus.isAmong(corpus)) {
      return tokenized(corpus);
    }
    if (tokenizer == null) {
      throw new ParameterException(command, "Text needs a --tokenizer.");
    }
    Path file = temporary();
    try (Tokenizer encoder = Tokenizers.of(tokenizer)) {
      CorpusTokenizer.tokenize(Documents.of(corpus), encoder, file, threads, progress);
    }
    return file;
  }

  /** Returns the tokens of WikiText files, of their text as it was written. */
  Path ofWikiText(Path corpus) throws IOException {
    if (TokenCorpus.isAt(corpus)) {
      throw new ParameterException(
          command, "--wikitext wants WikiText's own files, and %s is tokenized.".formatted(corpus));
    }
    Path file = temporary();
    try (Tokenizer encoder = Tokenizers.of(tokenizer)) {
      WikiText.tokenize(Documents.of(List.of(corpus)), encoder, file, progress);
    }
    return file;
  }

  private Path temporary() throws IOException {
    Path file = Files.createTempFile(directory, "scone-", SUFFIX);
    temporaries.add(file);
    return file;
  }

  private Path tokenized(List<Path> corpus) throws IOException {
    if (corpus.size() > 1) {
      throw new ParameterException(
          command,
          "Tokens must be a corpus by themselves: one .tokens file, or a directory of them.");
    }
    Path file = corpus.get(0);
    if (tokenizer != null) {
      checkTokenizer(file);
    }
    return file;
  }

  private void checkTokenizer(Path file) throws IOException {
    String made = TokenCorpus.open(file).tokenizerFingerprint();
    try (Tokenizer given = Tokenizers.of(tokenizer)) {
      if (!given.fingerprint().equals(made)) {
        throw new ParameterException(
            command,
            "%s was made by another tokenizer, %s, than %s, %s; tokenize the text again"
                .formatted(file, made, tokenizer, given.fingerprint()));
      }
    }
  }

  /** Deletes the temporary files. */
  @Override
  public void close() throws IOException {
    for (Path file : temporaries) {
      Files.deleteIfExists(file);
    }
  }
}
