package io.scone.mining;

import io.scone.progress.Progress;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Sorted runs of counted keys in one temporary file, which goes when this is closed. For use by one
 * thread.
 */
final class RunFile implements Closeable {
  private static final int MIN_BUFFER_ENTRIES = 256;
  private static final int MAX_BUFFER_ENTRIES = 1 << 16;

  private final FileChannel channel;
  private final boolean countsDocuments;
  private final int entryBytes;
  private final LongArrayList ends = new LongArrayList();

  /** The numbers of the documents that the runs begin in the middle of, or 0. */
  private final IntArrayList resumed = new IntArrayList();

  /**
   * Makes a file.
   *
   * @param countsDocuments whether the runs say in how many documents their keys occur
   */
  RunFile(Path file, boolean countsDocuments) throws IOException {
    this.countsDocuments = countsDocuments;
    this.entryBytes = Long.BYTES + Integer.BYTES + (countsDocuments ? Long.BYTES : 0);
    channel = TemporaryFile.open(file);
  }

  /** Takes what merging yields: keys, their counts and, where these are counted, documents. */
  interface Sink {
    void accept(long key, long count, int documents) throws IOException;
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
    ByteBuffer buffer = ByteBuffer.allocateDirect(MAX_BUFFER_ENTRIES * entryBytes);
    for (int i = 0; i < size; i++) {
      buffer.putLong(sorted.key(i)).putInt(Math.toIntExact(sorted.count(i)));
      if (countsDocuments) {
        buffer.putLong(sorted.documents().word(i));
      }
      if (!buffer.hasRemaining() || i == size - 1) {
        buffer.flip();
        while (buffer.hasRemaining()) {
          channel.write(buffer);
        }
        buffer.clear();
      }
    }
    ends.add(channel.position());
    resumed.add(countsDocuments ? sorted.documents().resumed() : 0);
  }

  /**
   * Yields every key once, in order, with the sum of its counts. A document that the end of a run
   * parts is counted once.
   *
   * @param memoryBytes the memory for buffers, as far as there is enough for all runs
   * @param progress follows the bytes read
   */
  void merge(long memoryBytes, Progress progress, Sink sink) throws IOException {
    long entries = memoryBytes / entryBytes / Math.max(1, ends.size());
    int bufferEntries = (int) Math.max(MIN_BUFFER_ENTRIES, Math.min(MAX_BUFFER_ENTRIES, entries));
    PriorityQueue<Run> queue =
        new PriorityQueue<>(
            Comparator.<Run>comparingLong(run -> run.key).thenComparingInt(run -> run.index));
    for (int i = 0; i < ends.size(); i++) {
      Run run = new Run(i, bufferEntries, progress);
      if (run.next()) {
        queue.add(run);
      }
    }
    while (!queue.isEmpty()) {
      long key = queue.peek().key;
      long count = 0;
      int documents = 0;
      int lastInPieces = 0;
      while (!queue.isEmpty() && queue.peek().key == key) {
        Run run = queue.remove();
        count += run.count;
        documents += DocumentCounts.count(run.documents);
        if (DocumentCounts.isInResumed(run.documents)
            && resumed.getInt(run.index) == lastInPieces) {
          documents--;
        }
        if (DocumentCounts.lastInPieces(run.documents) != 0) {
          lastInPieces = DocumentCounts.lastInPieces(run.documents);
        }
        if (run.next()) {
          queue.add(run);
        }
      }
      sink.accept(key, count, documents);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** Reads one run. */
  private final class Run {
    private final int index;
    private final ByteBuffer buffer;
    private final long end;
    private final Progress progress;
    private long position;
    private long key;
    private int count;
    private long documents;

    Run(int index, int bufferEntries, Progress progress) {
      this.index = index;
      this.position = index == 0 ? 0 : ends.getLong(index - 1);
      this.end = ends.getLong(index);
      this.progress = progress;
      this.buffer = ByteBuffer.allocate(bufferEntries * entryBytes).limit(0);
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
      documents = countsDocuments ? buffer.getLong() : 0;
      return true;
    }
  }
}
