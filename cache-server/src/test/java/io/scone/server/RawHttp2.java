package io.scone.server;

import io.scone.v1.EmbeddingServiceGrpc;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The bytes of HTTP/2, for clients that say what no library lets them say. */
final class RawHttp2 {
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  static final byte[] SETTINGS = frame(0, 4, 0, 0);

  private RawHttp2() {}

  /** Returns the head of a frame. */
  static byte[] frame(int length, int type, int flags, int stream) {
    return ByteBuffer.allocate(9)
        .put((byte) (length >>> 16))
        .putShort((short) length)
        .put((byte) type)
        .put((byte) flags)
        .putInt(stream)
        .array();
  }

  /** Returns the headers of a call of {@code Match}, by HPACK with the static table alone. */
  static byte[] call(int stream) {
    byte[] headers =
        joined(
            new byte[] {(byte) 0x83, (byte) 0x86}, // POST, http
            literal(0x04, "/" + EmbeddingServiceGrpc.getMatchMethod().getFullMethodName()),
            literal(0x01, "localhost"),
            new byte[] {0x0f, 0x10}, // content-type, which takes the index 31
            text("application/grpc"),
            new byte[] {0x00},
            text("te"),
            text("trailers"));
    return joined(frame(headers.length, 1, 4, stream), headers);
  }

  /** Returns a frame with the beginning of a message, which is said to go on. */
  static byte[] beginningOfMessage(int stream, int length, int sent) {
    byte[] head = ByteBuffer.allocate(5).put((byte) 0).putInt(length).array();
    return joined(frame(head.length + sent, 0, 0, stream), head, new byte[sent]);
  }

  static byte[] joined(byte[]... parts) {
    ByteBuffer joined = ByteBuffer.allocate(Arrays.stream(parts).mapToInt(p -> p.length).sum());
    for (byte[] part : parts) {
      joined.put(part);
    }
    return joined.array();
  }

  private static byte[] literal(int name, String value) {
    return joined(new byte[] {(byte) name}, text(value));
  }

  private static byte[] text(String value) {
    byte[] bytes = value.getBytes(StandardCharsets.US_ASCII);
    return joined(new byte[] {(byte) bytes.length}, bytes);
  }
}
