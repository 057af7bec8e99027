package io.scone.bench;

import java.nio.ByteBuffer;

/** A caller's own memory for the rows of one answer; it grows and is used again. */
final class RowBuffer {
  private ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16);

  /** Returns the memory, of at least {@code bytes}; what it held is lost if it grows. */
  ByteBuffer ofSize(long bytes) {
    if (bytes > buffer.capacity()) {
      buffer = ByteBuffer.allocateDirect(Math.toIntExact(bytes + bytes / 4));
    }
    return buffer.clear();
  }
}
