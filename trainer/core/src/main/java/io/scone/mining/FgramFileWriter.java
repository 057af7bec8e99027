package io.scone.mining;

import io.scone.fgram.FgramKey;
import io.scone.files.HeadedFileWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * Writes a file of f-grams, which appears under its name only when it is {@linkplain #publish
 * published}. For use by one thread.
 */
public final class FgramFileWriter implements Closeable {
  private final HeadedFileWriter file;
  private final int vocabularySize;
  private final int maxNgram;
  private final String tokenizerFingerprint;
  private final byte[] key;
  private final byte[] lastKey;
  private int lastKeyBytes;
  private long size;

  private FgramFileWriter(Path file, int vocabularySize, int maxNgram, String tokenizerFingerprint)
      throws IOException {
    this.file = new HeadedFileWriter(file, FgramHeader.BYTES);
    this.vocabularySize = vocabularySize;
    this.maxNgram = maxNgram;
    this.tokenizerFingerprint = tokenizerFingerprint;
    this.key = new byte[maxNgram * FgramKey.TOKEN_BYTES];
    this.lastKey = new byte[key.length];
  }

  /**
   * Begins a file.
   *
   * @param vocabularySize the exclusive bound of the tokens
   * @param maxNgram K, the most tokens in an f-gram
   * @param tokenizerFingerprint the fingerprint of the tokenizer whose tokens these are
   */
  public static FgramFileWriter create(
      Path file, int vocabularySize, int maxNgram, String tokenizerFingerprint) throws IOException {
    return new FgramFileWriter(file, vocabularySize, maxNgram, tokenizerFingerprint);
  }

  /**
   * Adds the next f-gram in key order: the {@code length} tokens from {@code offset}.
   *
   * @throws IllegalArgumentException if it is not after the last one, too long or too short, or
   *     holds a token outside the vocabulary
   */
  public void add(int[] tokens, int offset, int length, long count) throws IOException {
    if (length < FgramKey.MIN_TOKENS || length > maxNgram) {
      throw new IllegalArgumentException("an f-gram of " + length + " tokens; K is " + maxNgram);
    }
    for (int i = offset; i < offset + length; i++) {
      if (tokens[i] < 0 || tokens[i] >= vocabularySize) {
        throw new IllegalArgumentException(
            "token " + tokens[i] + " is outside the vocabulary of " + vocabularySize);
      }
    }
    int keyBytes = FgramKey.encode(tokens, offset, length, key);
    if (Arrays.compareUnsigned(lastKey, 0, lastKeyBytes, key, 0, keyBytes) >= 0) {
      throw new IllegalArgumentException("the f-grams do not come in key order");
    }
    ByteBuffer entry = file.room(FgramHeader.entryBytes(length));
    entry.put((byte) length).put(key, 0, keyBytes).putLong(count);
    System.arraycopy(key, 0, lastKey, 0, keyBytes);
    lastKeyBytes = keyBytes;
    size++;
  }

  /** Completes the file and gives it its name, replacing a file that has it. */
  public void publish() throws IOException {
    file.publish(new FgramHeader(vocabularySize, maxNgram, size, tokenizerFingerprint).toBytes());
  }

  /** Deletes what was written, unless it is published. */
  @Override
  public void close() throws IOException {
    file.close();
  }
}
