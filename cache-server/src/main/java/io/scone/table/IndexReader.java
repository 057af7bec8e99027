package io.scone.table;

import io.scone.fgram.FgramKey;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;

/** Reads the list of a table's f-grams and their counts, in key order. */
final class IndexReader implements Closeable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final Path file;
  private final int vocabularySize;
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES).limit(0);
  private final int[] path;
  private int depth;
  private long count;

  /**
   * Opens a file.
   *
   * @throws DamagedTableException if it is missing or not such a file of that vocabulary and K
   */
  IndexReader(Path file, int vocabularySize, int maxNgram) throws IOException {
    this.file = file;
    this.vocabularySize = vocabularySize;
    this.path = new int[maxNgram];
    try {
      this.channel = FileChannel.open(file);
    } catch (NoSuchFileException e) {
      throw new DamagedTableException(file.getParent(), "it has no " + file.getFileName(), e);
    }
    fill();
    byte[] header = new byte[Math.min(IndexFile.HEADER_BYTES, buffer.remaining())];
    buffer.get(header);
    if (!Arrays.equals(header, IndexFile.header(vocabularySize, maxNgram).array())) {
      channel.close();
      throw damaged("its header is not that of the manifest");
    }
  }

  /**
   * Moves to the next f-gram, from before the first.
   *
   * @return false after the last
   * @throws DamagedTableException if the file is not the walk of a trie
   */
  boolean next() throws IOException {
    fill();
    while (buffer.hasRemaining()) {
      int n = buffer.get() & 0xff;
      long token = varint();
      check(n >= 1 && n <= Math.min(depth + 1, path.length), "an entry of depth %d", n);
      check(token >= 0 && token < vocabularySize, "token %d is not in the vocabulary", token);
      check(n > depth || token > path[n - 1], "token %d is not in key order", token);
      path[n - 1] = (int) token;
      depth = n;
      if (n >= FgramKey.MIN_TOKENS) {
        count = varint();
        check(count > 0, "an f-gram has the count %d", count);
        return true;
      }
      fill();
    }
    return false;
  }

  /** Returns the tokens in the f-gram. */
  int length() {
    return depth;
  }

  /** Returns the tokens of the f-gram in reading order; the array is the caller's. */
  int[] tokens() {
    int[] tokens = new int[depth];
    for (int i = 0; i < depth; i++) {
      tokens[i] = path[depth - 1 - i];
    }
    return tokens;
  }

  /** Returns how often the f-gram occurs in the corpus it was mined from. */
  long count() {
    return count;
  }

  /** Returns the last token of the f-gram. */
  int lastToken() {
    return path[0];
  }

  /** Returns the bytes of the file up to the end of the f-gram. */
  long position() throws IOException {
    return channel.position() - buffer.remaining();
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Sees to it that a whole entry is in the buffer, or all that is left of the file. */
  private void fill() throws IOException {
    if (buffer.remaining() >= IndexFile.MAX_ENTRY_BYTES) {
      return;
    }
    buffer.compact();
    while (buffer.hasRemaining() && channel.read(buffer) >= 0) {}
    buffer.flip();
  }

  private long varint() throws DamagedTableException {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      if (!buffer.hasRemaining()) {
        throw damaged("it ends within an entry");
      }
      byte next = buffer.get();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw damaged("it holds a number of more than 64 bits");
  }

  /**
   * Makes the complaint only where there is one: a text for each entry costs more than reading it.
   */
  private void check(boolean condition, String complaint, long number)
      throws DamagedTableException {
    if (!condition) {
      throw damaged(complaint.formatted(number));
    }
  }

  private DamagedTableException damaged(String complaint) {
    return new DamagedTableException(file.getParent(), file.getFileName() + ": " + complaint);
  }
}
