package io.scone.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A little-endian file whose header is written last, when all it counts is known. It appears under
 * its name complete and durable, or not at all. For use by one thread.
 */
public final class HeadedFileWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final PartialFile file;
  private final Consumer<ByteBuffer> watcher;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Begins a file.
   *
   * @param headerBytes the room to leave for the header
   */
  public HeadedFileWriter(Path file, int headerBytes) throws IOException {
    this(file, headerBytes, bytes -> {});
  }

  /**
   * Begins a file whose content is watched.
   *
   * @param headerBytes the room to leave for the header
   * @param watcher sees all bytes between header and trailer in order, some at a time, before they
   *     are written; the buffer is lent to it and must be left as it is
   */
  public HeadedFileWriter(Path file, int headerBytes, Consumer<ByteBuffer> watcher)
      throws IOException {
    this.file = new PartialFile(file);
    this.watcher = watcher;
    this.file.channel().position(headerBytes);
  }

  /**
   * Returns the buffer to put the next bytes into; it belongs to this object.
   *
   * @param bytes the room needed, at most 64 KiB
   */
  public ByteBuffer room(int bytes) throws IOException {
    if (buffer.remaining() < bytes) {
      flush();
    }
    return buffer;
  }

  /** Completes the file and gives it its name, replacing a file that has it. */
  public void publish(ByteBuffer header) throws IOException {
    publish(header, () -> NOTHING);
  }

  /**
   * Completes the file and gives it its name, replacing a file that has it.
   *
   * @param trailer returns what ends the file; called when its watcher has seen all else
   */
  public void publish(ByteBuffer header, Supplier<ByteBuffer> trailer) throws IOException {
    flush();
    write(trailer.get());
    file.channel().position(0);
    write(header);
    file.publish();
  }

  /** Deletes what was written, unless it is published. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  private void flush() throws IOException {
    buffer.flip();
    watcher.accept(buffer);
    write(buffer);
    buffer.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.channel().write(bytes);
    }
  }
}
