package io.scone.client;

import com.google.protobuf.WireFormat;
import io.grpc.HasByteBuffer;
import io.grpc.KnownLength;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/**
 * Reads the fields of one protobuf message where gRPC received it, without a message object
 * between.
 *
 * <p>It takes what any protobuf parser takes, and trusts none of it: a length is checked against
 * what is left of the message before anything of that length is made. A message that is malformed
 * ends in a {@link MalformedReplyException}.
 */
final class WireReader {
  /** Bits of a tag that hold the wire type, below the number of the field. */
  static final int TYPE_BITS = 3;

  private static final int MAX_GROUP_DEPTH = 100;
  private static final int MAX_VARINT_BITS = 70;

  private final InputStream stream;

  /** Bytes at hand: a part of the stream's own memory until the next part is asked for. */
  private ByteBuffer chunk;

  /** The bytes of {@link #chunk} when it was asked for: what the stream is still to skip. */
  private int chunkBytes;

  /** The bytes still to read of the message, or of the submessage that was entered. */
  private int left;

  private int tag;

  private WireReader(InputStream stream, ByteBuffer chunk, int chunkBytes, int left) {
    this.stream = stream;
    this.chunk = chunk;
    this.chunkBytes = chunkBytes;
    this.left = left;
  }

  /** Returns a reader of all that a stream holds; the stream must not be read otherwise. */
  static WireReader of(InputStream stream) throws IOException {
    if (stream instanceof KnownLength
        && stream instanceof HasByteBuffer buffers
        && buffers.byteBufferSupported()) {
      return new WireReader(stream, ByteBuffer.allocate(0), 0, stream.available());
    }
    // Compressed, say. gRPC ends the stream at the largest message that the call allows.
    byte[] bytes = stream.readAllBytes();
    return new WireReader(stream, ByteBuffer.wrap(bytes), 0, bytes.length);
  }

  /** Moves to the next field; returns whether there is one. */
  boolean next() throws IOException {
    if (left == 0) {
      return false;
    }
    tag = readInt();
    if (WireFormat.getTagFieldNumber(tag) == 0) {
      throw new MalformedReplyException("a field has the number 0");
    }
    return true;
  }

  /** Returns the tag of the field: its number shifted by 3 bits, and its wire type. */
  int tag() {
    return tag;
  }

  /** Reads a number of at most 64 bits. */
  long readLong() throws IOException {
    long value = 0;
    for (int shift = 0; shift < MAX_VARINT_BITS; shift += 7) {
      byte next = readByte();
      if (shift < Long.SIZE) {
        value |= (long) (next & 0x7f) << shift;
      }
      if (next >= 0) {
        return value;
      }
    }
    throw new MalformedReplyException("a number has more than ten bytes");
  }

  /** Reads a number; as protobuf has it, bits beyond 32 are cut. */
  int readInt() throws IOException {
    return (int) readLong();
  }

  /** Reads a length that the message still has the bytes for. */
  int readLength() throws IOException {
    int length = readInt();
    if (length < 0 || length > left) {
      throw new MalformedReplyException(
          "a field of "
              + Integer.toUnsignedString(length)
              + " bytes does not fit in the "
              + left
              + " that are left");
    }
    return length;
  }

  /** Reads a field of bytes into an array of its own. */
  byte[] readBytes() throws IOException {
    byte[] bytes = new byte[readLength()];
    for (int read = 0; read < bytes.length; ) {
      int length = Math.min(bytes.length - read, available());
      chunk.get(bytes, read, length);
      left -= length;
      read += length;
    }
    return bytes;
  }

  /**
   * Enters a field that is a message or packed numbers: until {@link #leave}, its end is the
   * reader's.
   *
   * @return what {@link #leave} takes
   */
  int enter() throws IOException {
    int length = readLength();
    int outside = left - length;
    left = length;
    return outside;
  }

  /** Leaves a field that was entered and read to its end. */
  void leave(int outside) {
    left = outside;
  }

  /** Returns the bytes left of the message or of the field that was entered. */
  int left() {
    return left;
  }

  /** Skips a field of whatever type. */
  void skip() throws IOException {
    skip(0);
  }

  private void skip(int depth) throws IOException {
    switch (WireFormat.getTagWireType(tag)) {
      case WireFormat.WIRETYPE_VARINT -> readLong();
      case WireFormat.WIRETYPE_FIXED64 -> skipBytes(Long.BYTES);
      case WireFormat.WIRETYPE_LENGTH_DELIMITED -> skipBytes(readLength());
      case WireFormat.WIRETYPE_START_GROUP -> skipGroup(depth + 1);
      case WireFormat.WIRETYPE_FIXED32 -> skipBytes(Integer.BYTES);
      default -> throw new MalformedReplyException("a field has no type that is known");
    }
  }

  private void skipGroup(int depth) throws IOException {
    if (depth > MAX_GROUP_DEPTH) {
      throw new MalformedReplyException("groups lie too deep in one another");
    }
    int end = WireFormat.getTagFieldNumber(tag) << TYPE_BITS | WireFormat.WIRETYPE_END_GROUP;
    while (true) {
      if (!next()) {
        throw new MalformedReplyException("a group does not end");
      }
      if (tag == end) {
        return;
      }
      skip(depth);
    }
  }

  private void skipBytes(int count) throws IOException {
    for (int skipped = 0; skipped < count; ) {
      int length = Math.min(count - skipped, available());
      chunk.position(chunk.position() + length);
      left -= length;
      skipped += length;
    }
  }

  private byte readByte() throws IOException {
    if (left == 0 || !chunk.hasRemaining()) {
      available();
    }
    left--;
    return chunk.get();
  }

  /** Returns how many bytes are at hand, at least 1, and no more than are left. */
  private int available() throws IOException {
    if (left > 0 && !chunk.hasRemaining()) {
      nextChunk();
    }
    if (left == 0 || !chunk.hasRemaining()) {
      throw new MalformedReplyException("it ends within a field");
    }
    return Math.min(left, chunk.remaining());
  }

  private void nextChunk() throws IOException {
    stream.skipNBytes(chunkBytes);
    chunkBytes = 0;
    if (stream.available() > 0) {
      chunk = ((HasByteBuffer) stream).getByteBuffer();
      chunkBytes = chunk.remaining();
    }
  }
}
