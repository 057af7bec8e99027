package io.scone.mining;

import io.scone.fgram.FgramKey;
import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads the f-grams of a file in key order. For use by one thread. */
public final class FgramCursor implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final Path file;
  private final FgramHeader header;
  private final DataInputStream in;
  private long read;
  private byte[] key = {};
  private int[] tokens = {};
  private long count;

  FgramCursor(Path file, FgramHeader header) throws IOException {
    this.file = file;
    this.header = header;
    this.in =
        new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
    in.skipNBytes(FgramHeader.BYTES);
  }

  /**
   * Moves to the next f-gram, from before the first.
   *
   * @return false after the last
   * @throws MiningException if the file is damaged
   */
  public boolean next() throws IOException {
    try {
      if (read == header.size()) {
        check(in.read() < 0, "bytes follow its last f-gram");
        return false;
      }
      int length = in.readUnsignedByte();
      check(
          length >= FgramKey.MIN_TOKENS && length <= header.maxNgram(),
          "an f-gram has " + length + " tokens");
      byte[] before = key;
      key = new byte[length * FgramKey.TOKEN_BYTES];
      in.readFully(key);
      check(FgramKey.compare(before, key) < 0, "its f-grams are not in key order");
      tokens = FgramKey.decode(key);
      for (int token : tokens) {
        check(
            token >= 0 && token < header.vocabularySize(),
            "token " + token + " is outside the vocabulary");
      }
      count = Long.reverseBytes(in.readLong());
      check(count > 0, "an f-gram has the count " + count);
    } catch (EOFException e) {
      throw new MiningException(
          "%s is damaged: it ends after %,d of its %,d f-grams"
              .formatted(file, read, header.size()),
          e);
    }
    read++;
    return true;
  }

  /** Returns the tokens of the f-gram in reading order; the array is the caller's. */
  public int[] tokens() {
    return tokens;
  }

  /** Returns the key of the f-gram; the array is the caller's. */
  public byte[] key() {
    return key.clone();
  }

  /** Returns how often the f-gram occurs in the corpus it was mined from. */
  public long count() {
    return count;
  }

  @Override
  public void close() throws IOException {
    in.close();
  }

  private void check(boolean condition, String complaint) throws MiningException {
    if (!condition) {
      throw new MiningException(file + " is damaged: " + complaint);
    }
  }
}
