package io.scone.corpus;

import io.scone.files.HeadedFileWriter;
import io.scone.tokenizer.Tokenizer;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/**
 * Writes a {@code .tokens} file, which appears under its name only when it is {@linkplain #publish
 * published}. For use by one thread.
 */
public final class TokenCorpusWriter implements Closeable {
  private final TokenChecksums.Builder checksums = new TokenChecksums.Builder();
  private final HeadedFileWriter file;
  private final int vocabularySize;
  private final int endOfText;
  private final String tokenizerFingerprint;
  private final boolean wide;
  private long tokenCount;
  private long documentCount;
  private long words;
  private long utf8Bytes;

  private TokenCorpusWriter(
      Path file, int vocabularySize, int endOfText, String tokenizerFingerprint)
      throws IOException {
    this.file = new HeadedFileWriter(file, TokensHeader.BYTES, checksums::update);
    this.vocabularySize = vocabularySize;
    this.endOfText = endOfText;
    this.tokenizerFingerprint = tokenizerFingerprint;
    this.wide = header().bytesPerToken() == Integer.BYTES;
  }

  /** Begins a file of the tokens of one tokenizer. */
  public static TokenCorpusWriter create(Path file, Tokenizer tokenizer) throws IOException {
    return new TokenCorpusWriter(
        file, tokenizer.vocabularySize(), tokenizer.endOfText(), tokenizer.fingerprint());
  }

  /** Begins a file of the tokens of the tokenizer that made another corpus. */
  public static TokenCorpusWriter create(Path file, TokenCorpus other) throws IOException {
    return new TokenCorpusWriter(
        file, other.vocabularySize(), other.endOfText(), other.tokenizerFingerprint());
  }

  /**
   * Adds a document and ends it.
   *
   * @param tokens its tokens, without an end-of-text token
   * @param words the words of its text, split at white space
   * @param utf8Bytes the bytes of its text in UTF-8
   * @throws IllegalArgumentException if a token is outside the vocabulary or ends a text
   */
  public void add(int[] tokens, long words, long utf8Bytes) throws IOException {
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize || token == endOfText) {
        throw new IllegalArgumentException(
            "token " + token + " cannot stand in a document; the vocabulary is " + vocabularySize);
      }
    }
    for (int token : tokens) {
      put(token);
    }
    put(endOfText);
    tokenCount += tokens.length + 1L;
    documentCount++;
    this.words += words;
    this.utf8Bytes += utf8Bytes;
  }

  /**
   * Completes the file and gives it its name, replacing a file that has it.
   *
   * @throws CorpusException if there is no document
   */
  public void publish() throws IOException {
    if (documentCount == 0) {
      throw CorpusException.empty();
    }
    ByteBuffer header = header().toBytes();
    file.publish(header, () -> checksums.toBytes(header));
  }

  /** Deletes what was written, unless it is published. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  private TokensHeader header() {
    return new TokensHeader(
        vocabularySize,
        endOfText,
        tokenCount,
        documentCount,
        words,
        utf8Bytes,
        tokenizerFingerprint);
  }

  private void put(int token) throws IOException {
    ByteBuffer buffer = file.room(Integer.BYTES);
    if (wide) {
      buffer.putInt(token);
    } else {
      buffer.putShort((short) token);
    }
  }
}
