package io.scone.mining;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/**
 * The ordinals of the frequent n-grams of one length that end at the tokens of a corpus, 4 bytes a
 * token in a temporary file, which goes when this is closed: what one pass has looked up is where
 * the next one goes on. Any number of threads may use it, each at other places.
 */
final class OrdinalFile implements Closeable {
  private final FileChannel channel;
  private final int maxNgram;

  /**
   * Makes a file.
   *
   * @param maxNgram K, the length of the n-grams that the last pass counts
   */
  OrdinalFile(Path file, int maxNgram) throws IOException {
    this.channel = TemporaryFile.open(file);
    this.maxNgram = maxNgram;
  }

  /**
   * Says whether n-grams of a length are kept: single tokens need not be, and after the last pass
   * none goes on.
   */
  boolean keeps(int n) {
    return n >= 2 && n <= maxNgram - 2;
  }

  /** Returns the bytes of the file. */
  long bytes() throws IOException {
    return channel.size();
  }

  /** Returns what a thread reads and writes by, up to so many ordinals at once. */
  Access access(int maxCount) {
    return new Access(maxCount);
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads and writes ordinals. For use by one thread. */
  final class Access {
    private final ByteBuffer buffer;

    private Access(int maxCount) {
      buffer = ByteBuffer.allocateDirect(maxCount * Integer.BYTES).order(ByteOrder.nativeOrder());
    }

    /** Copies the ordinals at {@code count} tokens from {@code from} on. */
    void read(long from, int[] into, int offset, int count) throws IOException {
      buffer.clear().limit(count * Integer.BYTES);
      long begin = from * Integer.BYTES;
      while (buffer.hasRemaining()) {
        if (channel.read(buffer, begin + buffer.position()) < 0) {
          throw new EOFException("a temporary file of mining has lost its end");
        }
      }
      buffer.flip().asIntBuffer().get(into, offset, count);
    }

    /** Keeps the ordinals at {@code count} tokens from {@code from} on. */
    void write(long from, int[] ordinals, int offset, int count) throws IOException {
      buffer.clear().limit(count * Integer.BYTES);
      buffer.asIntBuffer().put(ordinals, offset, count);
      long begin = from * Integer.BYTES;
      while (buffer.hasRemaining()) {
        channel.write(buffer, begin + buffer.position());
      }
    }
  }
}
