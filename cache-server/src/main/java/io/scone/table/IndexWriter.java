package io.scone.table;

import io.scone.fgram.FgramKey;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes the list of a table's f-grams and their counts as they come, in key order. */
final class IndexWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
  private int lastToken = -1;

  private IndexWriter(FileChannel channel) {
    this.channel = channel;
  }

  /** Begins a file, replacing what is there. */
  static IndexWriter create(Path file, int vocabularySize, int maxNgram) throws IOException {
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE);
    IndexWriter writer = new IndexWriter(channel);
    writer.buffer.put(IndexFile.header(vocabularySize, maxNgram));
    return writer;
  }

  /**
   * Goes on with a file after its first f-grams; what follows them is dropped.
   *
   * @param rows how many f-grams to keep
   * @throws DamagedTableException if the file holds fewer
   */
  static IndexWriter resume(Path file, int vocabularySize, int maxNgram, long rows)
      throws IOException {
    if (rows == 0 || !Files.exists(file)) {
      return create(file, vocabularySize, maxNgram);
    }
    long bytes;
    int lastToken;
    try (IndexReader reader = new IndexReader(file, vocabularySize, maxNgram)) {
      for (long i = 0; i < rows; i++) {
        if (!reader.next()) {
          throw new DamagedTableException(
              file, "it lists " + i + " f-grams and there are " + rows + " rows");
        }
      }
      bytes = reader.position();
      lastToken = reader.lastToken();
    }
    IndexWriter writer = new IndexWriter(FileChannel.open(file, StandardOpenOption.WRITE));
    writer.channel.truncate(bytes).position(bytes);
    writer.lastToken = lastToken;
    return writer;
  }

  /** Adds the next f-gram. */
  void add(byte[] key, long count) throws IOException {
    if (buffer.remaining() < 2 * IndexFile.MAX_ENTRY_BYTES) {
      flush();
    }
    int last = token(key, 0);
    if (last != lastToken) {
      IndexFile.putVarint(buffer.put((byte) 1), last);
      lastToken = last;
    }
    buffer.put((byte) (key.length / FgramKey.TOKEN_BYTES));
    IndexFile.putVarint(buffer, token(key, key.length - FgramKey.TOKEN_BYTES));
    IndexFile.putVarint(buffer, count);
  }

  /** Puts all that was added on disk. */
  void force() throws IOException {
    flush();
    channel.force(false);
  }

  /** Closes the file; what was not forced may be lost. */
  @Override
  public void close() throws IOException {
    channel.close();
  }

  private void flush() throws IOException {
    buffer.flip();
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
    buffer.clear();
  }

  private static int token(byte[] key, int at) {
    return (key[at] & 0xff) << 24
        | (key[at + 1] & 0xff) << 16
        | (key[at + 2] & 0xff) << 8
        | (key[at + 3] & 0xff);
  }
}
