package io.scone.bench;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/**
 * The framing of the raw TCP peer: messages of 4-byte integers, big-endian, and rows.
 *
 * <p>A request is the bytes that follow, then {@link #MATCH}, the context tokens and the tokens of
 * a window; or {@link #LOOKUP} and, for each f-gram, its length and its tokens. A reply is the
 * bytes that follow, the number of matches, position, length and row of each, and the distinct
 * rows; or the rows alone. A lookup begins with the number of its f-grams.
 */
final class Wire {
  static final int MATCH = 1;
  static final int LOOKUP = 2;
  static final int MATCH_INTS = 3;

  private Wire() {}

  /** Reads a message without its first four bytes; the buffer is flipped. */
  static ByteBuffer read(SocketChannel channel, RowBuffer buffer) throws IOException {
    ByteBuffer size = buffer.ofSize(Integer.BYTES).limit(Integer.BYTES);
    fill(channel, size);
    int bytes = size.getInt(0);
    ByteBuffer message = buffer.ofSize(bytes).limit(bytes);
    fill(channel, message);
    return message.flip();
  }

  /** Writes a message that begins with room for its size. */
  static void write(SocketChannel channel, ByteBuffer message) throws IOException {
    message.putInt(0, message.position() - Integer.BYTES).flip();
    while (message.hasRemaining()) {
      channel.write(message);
    }
  }

  private static void fill(SocketChannel channel, ByteBuffer buffer) throws IOException {
    while (buffer.hasRemaining()) {
      if (channel.read(buffer) < 0) {
        throw new EOFException("the connection ended");
      }
    }
  }
}
