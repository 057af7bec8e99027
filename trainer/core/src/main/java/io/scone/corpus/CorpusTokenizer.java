package io.scone.corpus;

import io.scone.progress.Progress;
import io.scone.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Writes documents as a {@code .tokens} file, encoding several at once. */
public final class CorpusTokenizer {
  /** The characters of the documents that may be in memory at once, unless one alone has more. */
  private static final long MAX_PENDING_CHARACTERS = 1 << 25;

  /** What a document takes in memory beside its characters, counted as characters. */
  private static final int DOCUMENT_OVERHEAD = 256;

  private final Tokenizer tokenizer;
  private final TokenCorpusWriter writer;
  private final ExecutorService threads;
  private final Queue<Pending> pending = new ArrayDeque<>();
  private long pendingCharacters;

  private CorpusTokenizer(Tokenizer tokenizer, TokenCorpusWriter writer, ExecutorService threads) {
    this.tokenizer = tokenizer;
    this.writer = writer;
    this.threads = threads;
  }

  /**
   * Tokenizes documents into a file, which holds them in their order whatever the threads.
   *
   * @param threads the documents to encode at once
   * @param progress follows the bytes read of the stored files
   * @throws CorpusException if a document cannot be read or there is none; no file is left
   */
  public static void tokenize(
      Documents documents, Tokenizer tokenizer, Path output, int threads, Progress progress)
      throws IOException {
    ExecutorService executor = Executors.newFixedThreadPool(threads);
    try (TokenCorpusWriter writer = TokenCorpusWriter.create(output, tokenizer);
        DocumentReader reader = documents.read()) {
      progress.begin("tokenizing", documents.bytes(), "bytes");
      new CorpusTokenizer(tokenizer, writer, executor).run(reader, progress);
      progress.end();
      writer.publish();
    } finally {
      executor.shutdownNow();
    }
  }

  private void run(DocumentReader reader, Progress progress) throws IOException {
    long reported = 0;
    for (String text = reader.next(); text != null; text = reader.next()) {
      long size = (long) text.length() + DOCUMENT_OVERHEAD;
      while (!pending.isEmpty() && pendingCharacters + size > MAX_PENDING_CHARACTERS) {
        writeFirst();
      }
      String document = text;
      pending.add(new Pending(size, threads.submit(() -> encode(document))));
      pendingCharacters += size;
      progress.advance(reader.bytesRead() - reported);
      reported = reader.bytesRead();
    }
    while (!pending.isEmpty()) {
      writeFirst();
    }
    progress.advance(reader.bytesRead() - reported);
  }

  private void writeFirst() throws IOException {
    Pending first = pending.remove();
    pendingCharacters -= first.size;
    try {
      Encoded document = first.result.get();
      writer.add(document.tokens, document.words, document.utf8Bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while tokenizing");
    } catch (ExecutionException e) {
      throw new IllegalStateException("a document could not be tokenized", e.getCause());
    }
  }

  private Encoded encode(String text) {
    return new Encoded(tokenizer.encode(text), words(text), utf8Bytes(text));
  }

  private static long words(String text) {
    long words = 0;
    boolean within = false;
    for (int i = 0; i < text.length(); i++) {
      boolean letter = !Character.isWhitespace(text.charAt(i));
      words += letter && !within ? 1 : 0;
      within = letter;
    }
    return words;
  }

  private static long utf8Bytes(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // Each half of a surrogate pair stands for two of its four bytes.
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  private record Pending(long size, Future<Encoded> result) {}

  /** A document in tokens. */
  private static final class Encoded {
    final int[] tokens;
    final long words;
    final long utf8Bytes;

    Encoded(int[] tokens, long words, long utf8Bytes) {
      this.tokens = tokens;
      this.words = words;
      this.utf8Bytes = utf8Bytes;
    }
  }
}
