package io.scone.files;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * A little-endian file whose header is written last, when all it counts is known. It appears under
 * its name complete and durable, or not at all. For use by one thread.
 */
public final class HeadedFileWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 16;

  private final PartialFile file;
  private final ByteBuffer buffer =
      ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  /**
   * Begins a file.
   *
   * @param headerBytes the room to leave for the header
   */
  public HeadedFileWriter(Path file, int headerBytes) throws IOException {
    this.file = new PartialFile(file);
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
    flush();
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
    write(buffer.flip());
    buffer.clear();
  }

  private void write(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      file.channel().write(bytes);
    }
  }
}
