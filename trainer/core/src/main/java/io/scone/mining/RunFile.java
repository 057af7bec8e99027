package io.scone.mining;

import io.scone.progress.Progress;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Sorted runs of counted keys in one temporary file, which goes when this is closed. For use by one
 * thread.
 */
final class RunFile implements Closeable {
  private static final int ENTRY_BYTES = Long.BYTES + Integer.BYTES;
  private static final int MIN_BUFFER_ENTRIES = 256;
  private static final int MAX_BUFFER_ENTRIES = 1 << 16;

  private final FileChannel channel;
  private final LongArrayList ends = new LongArrayList();

  RunFile(Path file) throws IOException {
    channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            StandardOpenOption.DELETE_ON_CLOSE);
  }

  /** Takes the keys and counts that merging yields. */
  interface Sink {
    void accept(long key, long count) throws IOException;
  }

  boolean isEmpty() {
    return ends.isEmpty();
  }

  /** Returns the bytes of all runs. */
  long bytes() {
    return isEmpty() ? 0 : ends.getLong(ends.size() - 1);
  }

  /** Appends the first {@code size} entries of a table that is a sorted list. */
  void add(CountTable sorted, int size) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BUFFER_ENTRIES * ENTRY_BYTES);
    for (int i = 0; i < size; i++) {
      buffer.putLong(sorted.key(i)).putInt(Math.toIntExact(sorted.count(i)));
      if (!buffer.hasRemaining() || i == size - 1) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        buffer.clear();
      }
    }
    ends.add(channel.position());
  }

  /**
   * Yields every key once, in order, with the sum of its counts.
   *
   * @param memoryBytes the memory for buffers, as far as there is enough for all runs
   * @param progress follows the bytes read
   */
  void merge(long memoryBytes, Progress progress, Sink sink) throws IOException {
    long entries = memoryBytes / ENTRY_BYTES / Math.max(1, ends.size());
    int bufferEntries = (int) Math.max(MIN_BUFFER_ENTRIES, Math.min(MAX_BUFFER_ENTRIES, entries));
    PriorityQueue<Run> queue = new PriorityQueue<>(Comparator.comparingLong(run -> run.key));
    long start = 0;
    for (long end : ends) {
      Run run = new Run(start, end, bufferEntries, progress);
      if (run.next()) {
        queue.add(run);
      }
      start = end;
    }
    while (!queue.isEmpty()) {
      long key = queue.peek().key;
      long count = 0;
      while (!queue.isEmpty() && queue.peek().key == key) {
        Run run = queue.remove();
        count += run.count;
        if (run.next()) {
          queue.add(run);
        }
      }
      sink.accept(key, count);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads one run. */
  private final class Run {
    private final ByteBuffer buffer;
    private final long end;
    private final Progress progress;
    private long position;
    private long key;
    private int count;

    Run(long start, long end, int bufferEntries, Progress progress) {
      this.position = start;
      this.end = end;
      this.progress = progress;
      this.buffer = ByteBuffer.allocate(bufferEntries * ENTRY_BYTES).limit(0);
    }

    /** Moves to the next entry, or returns false at the end. */
    boolean next() throws IOException {
      if (!buffer.hasRemaining()) {
        if (position == end) {
          return false;
        }
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
        while (buffer.hasRemaining()) {
          int read = channel.read(buffer, position);
          if (read < 0) {
            throw new EOFException("a temporary file of mining has lost its end");
          }
          position += read;
        }
        progress.advance(buffer.position());
        buffer.flip();
      }
      key = buffer.getLong();
      count = buffer.getInt();
      return true;
    }
  }
}
