package io.scone.server;

import io.scone.table.TableReader;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The rows of a large reply, read from the disk by several threads and taken in order by one.
 *
 * <p>A part that no other thread has begun when it is wanted is read by the thread that wants it: a
 * reply never waits for a thread to become free, and on a busy server reads its rows by itself.
 */
final class ReadAhead implements AutoCloseable {
  /** Rows that are read at a time: enough that a change of threads costs little beside them. */
  static final int ROWS = 64;

  /** Parts that are wanted or ahead of the wanted one, which bounds the memory. */
  private static final int PARTS = 8;

  private final FoundRows rows;
  private final int rowBytes;
  private final TableReader reader;
  private final Executor threads;
  private final Queue<Part> ahead = new ArrayDeque<>(PARTS);
  private int next;

  /**
   * Begins to read.
   *
   * @param reader a reader of the table, open until this is closed, for others to be made of
   * @param threads where to read, besides on the thread that takes the rows
   */
  ReadAhead(FoundRows rows, int rowBytes, TableReader reader, Executor threads) {
    this.rows = rows;
    this.rowBytes = rowBytes;
    this.reader = reader;
    this.threads = threads;
    begin(new byte[ROWS * rowBytes], false); // it is wanted at once
    while (ahead.size() < PARTS && next < rows.size()) {
      begin(new byte[ROWS * rowBytes], true);
    }
  }

  /**
   * Returns the next part, or null after the last.
   *
   * @throws IOException if one of its rows cannot be read
   */
  Part next() throws IOException {
    Part part = ahead.poll();
    if (part != null) {
      part.run();
      part.await();
    }
    return part;
  }

  /** Says that the bytes of a part were used: they become those of another. */
  void used(Part part) {
    if (next < rows.size()) {
      begin(part.bytes, true);
    }
  }

  /** Ends the reading: what was not begun is not read. */
  @Override
  public void close() {
    ahead.forEach(Part::abandon);
  }

  private void begin(byte[] bytes, boolean elsewhere) {
    int first = next;
    next = Math.min(first + ROWS, rows.size());
    Part part = new Part(first, next, bytes);
    ahead.add(part);
    if (elsewhere) {
      try {
        threads.execute(part);
      } catch (RejectedExecutionException e) {
        // The server stops. The thread that wants the part reads it.
      }
    }
  }

  /** Some consecutive rows; whoever begins it reads all of them. */
  final class Part implements Runnable {
    private final int first;
    private final int end;
    private final byte[] bytes;
    private final TableReader own = reader.another(); // it outlives the reply's where it must
    private final AtomicBoolean begun = new AtomicBoolean();
    private final CompletableFuture<Void> read = new CompletableFuture<>();

    private Part(int first, int end, byte[] bytes) {
      this.first = first;
      this.end = end;
      this.bytes = bytes;
    }

    /** Reads the rows unless somebody has begun to. */
    @Override
    public void run() {
      if (begun.compareAndSet(false, true)) {
        try (own) {
          for (int i = first; i < end; i++) {
            int at = (i - first) * rowBytes;
            own.read(rows.ordinal(i), rows.tokens(), rows.offset(i), rows.length(i), bytes, at);
          }
          read.complete(null);
        } catch (IOException | RuntimeException | Error e) {
          read.completeExceptionally(e);
        }
      }
    }

    /** Returns the array that begins with the rows. */
    byte[] bytes() {
      return bytes;
    }

    /** Returns the bytes of the rows. */
    int length() {
      return (end - first) * rowBytes;
    }

    /** Returns how many of the rows were held in memory. */
    long residentReads() {
      return own.residentReads();
    }

    private void await() throws IOException {
      try {
        read.join();
      } catch (CompletionException e) {
        if (e.getCause() instanceof IOException failure) {
          throw failure;
        }
        if (e.getCause() instanceof RuntimeException failure) {
          throw failure;
        }
        throw e;
      }
    }

    private void abandon() {
      if (begun.compareAndSet(false, true)) {
        own.close();
      }
    }
  }
}
