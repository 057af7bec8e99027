package io.scone.mining;

import io.scone.fgram.FgramKey;
import io.scone.files.AtomicFiles;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Writes a file of f-grams, which appears under its name only when it is {@linkplain #publish
 * published}. For use by one thread.
 */
public final class FgramFileWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private final int vocabularySize;
  private final int maxNgram;
  private final String tokenizerFingerprint;
  private final FileChannel channel;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final byte[] key;
  private final byte[] lastKey;
  private int lastKeyBytes;
  private long size;

  private FgramFileWriter(Path file, int vocabularySize, int maxNgram, String tokenizerFingerprint)
      throws IOException {
    this.file = file;
    this.vocabularySize = vocabularySize;
    this.maxNgram = maxNgram;
    this.tokenizerFingerprint = tokenizerFingerprint;
    this.key = new byte[maxNgram * FgramKey.TOKEN_BYTES];
    this.lastKey = new byte[key.length];
    this.channel =
        FileChannel.open(
            AtomicFiles.temporary(file),
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    channel.position(FgramHeader.BYTES);
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
    if (buffer.remaining() < FgramHeader.entryBytes(length)) {
      flush();
    }
    buffer.put((byte) length).put(key, 0, keyBytes).putLong(count);
    System.arraycopy(key, 0, lastKey, 0, keyBytes);
    lastKeyBytes = keyBytes;
    size++;
  }

  /** Completes the file and gives it its name, replacing a file that has it. */
  public void publish() throws IOException {
    flush();
    channel.position(0);
    write(new FgramHeader(vocabularySize, maxNgram, size, tokenizerFingerprint).toBytes());
    channel.close();
    AtomicFiles.publish(file);
  }

  /** Deletes what was written, unless it is published. */
  @Override
  public void close() throws IOException {
    if (channel.isOpen()) {
      channel.close();
      AtomicFiles.delete(AtomicFiles.temporary(file));
    }
  }

  private void flush() throws IOException {
    write(buffer.flip());
    buffer.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
