package io.scone.cli;

import io.scone.corpus.CorpusTokenizer;
import io.scone.corpus.Documents;
import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import io.scone.tokenizer.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Corpora as `.tokens` files: one that is tokenized already, or text, tokenized for the while. */
final class TokenFiles implements AutoCloseable {
  private static final String SUFFIX = ".tokens";

  private final String tokenizer;
  private final int threads;
  private final Path directory;
  private final Progress progress;
  private final List<Path> temporaries = new ArrayList<>();

  /**
   * Makes no file yet.
   *
   * @param tokenizer what text is tokenized by; null if no corpus is text
   * @param directory where temporary files go
   */
  TokenFiles(String tokenizer, int threads, Path directory, Progress progress) {
    this.tokenizer = tokenizer;
    this.threads = threads;
    this.directory = directory;
    this.progress = progress;
  }

  /** Says whether a corpus is tokenized already. */
  static boolean isTokenized(List<Path> corpus) {
    return corpus.size() == 1 && corpus.get(0).toString().endsWith(SUFFIX);
  }

  /** Returns the file of a corpus's tokens. */
  Path of(List<Path> corpus) throws IOException {
    if (isTokenized(corpus)) {
      return corpus.get(0);
    }
    Path file = Files.createTempFile(directory, "scone-", SUFFIX);
    temporaries.add(file);
    try (Tokenizer encoder = Tokenizers.of(tokenizer)) {
      CorpusTokenizer.tokenize(Documents.of(corpus), encoder, file, threads, progress);
    }
    return file;
  }

  /** Deletes the temporary files. */
  @Override
  public void close() throws IOException {
    for (Path file : temporaries) {
      Files.deleteIfExists(file);
    }
  }
}
