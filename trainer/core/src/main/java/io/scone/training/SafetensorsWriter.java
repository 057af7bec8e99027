package io.scone.training;

import io.scone.files.PartialFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A safetensors file whose tensors are written side by side, a piece of each at a time, so that
 * what fills several of them need be read only once and never be in memory. It appears under its
 * name complete and durable, or not at all. For use by one thread.
 */
public final class SafetensorsWriter implements Closeable {
  private static final int BUFFER_BYTES = 1 << 18;

  private final PartialFile file;
  private final Map<String, Region> regions = new LinkedHashMap<>();

  /**
   * Begins a file.
   *
   * @param tensors the tensors by name, in the file's order
   */
  public SafetensorsWriter(Path file, Map<String, Safetensors.Tensor> tensors) throws IOException {
    ByteBuffer start = SafetensorsHeader.encode(tensors);
    long at = start.remaining();
    for (Map.Entry<String, Safetensors.Tensor> tensor : tensors.entrySet()) {
      long end = at + tensor.getValue().bytes();
      regions.put(tensor.getKey(), new Region(tensor.getKey(), at, end));
      at = end;
    }
    this.file = new PartialFile(file);
    write(start, 0);
  }

  /**
   * Returns the buffer to put a tensor's next bytes into, little-endian; it belongs to this object.
   *
   * @param bytes the room needed
   */
  public ByteBuffer room(String tensor, int bytes) throws IOException {
    Region region = regions.get(tensor);
    if (region.buffer.remaining() < bytes) {
      region.flush(bytes);
    }
    return region.buffer;
  }

  /**
   * Writes a tensor's next bytes.
   *
   * @param bytes little-endian; left at its limit, the caller's again when this returns
   */
  public void write(String tensor, ByteBuffer bytes) throws IOException {
    Region region = regions.get(tensor);
    region.flush(0);
    region.at += write(bytes, region.at);
  }

  /**
   * Completes the file and gives it its name, replacing a file that has it.
   *
   * @throws IllegalArgumentException if a tensor has not all its bytes
   */
  public void publish() throws IOException {
    for (Region region : regions.values()) {
      region.finish();
    }
    file.publish();
  }

  /** Deletes what was written, unless it is published. */
  @Override
  public void close() throws IOException {
    file.close();
  }

  /** Writes all bytes from a position on; returns how many. */
  private long write(ByteBuffer bytes, long position) throws IOException {
    long written = 0;
    while (bytes.hasRemaining()) {
      written += file.channel().write(bytes, position + written);
    }
    return written;
  }

  /** Where one tensor lies, and its bytes that are still to be written. */
  private final class Region {
    private final String name;
    private final long end;
    private long at;
    private ByteBuffer buffer = allocate(0); // grows when it is first used

    Region(String name, long begin, long end) {
      this.name = name;
      this.at = begin;
      this.end = end;
    }

    /** Writes what there is and makes room. */
    void flush(int room) throws IOException {
      at += write(buffer.flip(), at);
      buffer = room > buffer.capacity() ? allocate(Math.max(room, BUFFER_BYTES)) : buffer.clear();
    }

    void finish() throws IOException {
      flush(0);
      if (at != end) {
        throw new IllegalArgumentException(
            "tensor '" + name + "' ends " + (end - at) + " bytes before its shape says");
      }
    }

    private static ByteBuffer allocate(int bytes) {
      return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
  }
}
