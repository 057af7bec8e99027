package io.scone.server;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.WireFormat;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes a {@link RowReply} as plain protobuf: the bytes are those of the generated message with
 * its rows set.
 */
final class RowReplyMarshaller implements MethodDescriptor.Marshaller<RowReply> {
  /** The message stands by itself. */
  static final int UNWRAPPED = 0;

  private final int wrapperField;

  /**
   * Makes a marshaller.
   *
   * @param wrapperField the number of the field of the message around the reply, or {@link
   *     #UNWRAPPED}
   */
  RowReplyMarshaller(int wrapperField) {
    this.wrapperField = wrapperField;
  }

  @Override
  public InputStream stream(RowReply reply) {
    return new Wire(reply, beforeRows(reply));
  }

  @Override
  public RowReply parse(InputStream stream) {
    throw new UnsupportedOperationException("a server reads no replies");
  }

  private byte[] beforeRows(RowReply reply) {
    int rowsLength = reply.rowsLength();
    int rowsTag =
        rowsLength == 0 // an empty field is absent
            ? 0
            : CodedOutputStream.computeTagSize(reply.rowsField())
                + CodedOutputStream.computeUInt32SizeNoTag(rowsLength);
    int size = reply.head().getSerializedSize() + rowsTag;
    int message = size + rowsLength;
    if (wrapperField != UNWRAPPED) {
      size +=
          CodedOutputStream.computeTagSize(wrapperField)
              + CodedOutputStream.computeUInt32SizeNoTag(message);
    }
    byte[] bytes = new byte[size];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    try {
      if (wrapperField != UNWRAPPED) {
        out.writeTag(wrapperField, WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(message);
      }
      reply.head().writeTo(out);
      if (rowsLength > 0) {
        out.writeTag(reply.rowsField(), WireFormat.WIRETYPE_LENGTH_DELIMITED);
        out.writeUInt32NoTag(rowsLength);
      }
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new AssertionError("an array takes what it has room for", e);
    }
    return bytes;
  }

  /** The bytes of one reply; gRPC drains it into the frames it sends, without a copy between. */
  private static final class Wire extends InputStream implements KnownLength, Drainable {
    private final RowReply reply;
    private final byte[] beforeRows;
    private final int length;
    private boolean drained;

    Wire(RowReply reply, byte[] beforeRows) {
      this.reply = reply;
      this.beforeRows = beforeRows;
      this.length = beforeRows.length + reply.rowsLength();
    }

    @Override
    public int available() {
      return drained ? 0 : length;
    }

    /*
     * The frame's header has promised `length` bytes when this is called, and an exception here
     * would reach the client as CANCELLED. A row that cannot be read therefore ends the writing
     * quietly: the frame stays short, which no client takes for a message, and the trailers that
     * follow it carry the failure.
     */
    @Override
    public int drainTo(OutputStream target) throws IOException {
      target.write(beforeRows);
      reply.writeRows(target);
      drained = true;
      return length;
    }

    @Override
    public int read() {
      return read(new byte[1], 0, 1);
    }

    @Override
    public int read(byte[] bytes, int offset, int length) {
      throw new UnsupportedOperationException("a reply is drained, not read");
    }
  }
}
