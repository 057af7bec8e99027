package io.scone.client;

import com.google.protobuf.WireFormat;
import io.scone.v1.LookupResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.TableVersion;
import java.io.IOException;

/** A {@link LookupResponse} as arrays: its rows were copied once, out of the network's buffers. */
final class LookupReply implements RowReply {
  private static final int SERVED_BY =
      LookupResponse.SERVED_BY_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int ROW_FORMAT =
      LookupResponse.ROW_FORMAT_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int FOUND_ONE =
      LookupResponse.FOUND_FIELD_NUMBER << WireReader.TYPE_BITS | WireFormat.WIRETYPE_VARINT;
  private static final int FOUND =
      LookupResponse.FOUND_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int ROWS =
      LookupResponse.ROWS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final TableVersion servedBy;
  private final RowFormat rowFormat;
  private final byte[] rows;
  private final int[] found;

  /** Reads a reply: fields in any order, repeated ones packed or not, unknown ones skipped. */
  LookupReply(WireReader in) throws IOException {
    TableVersion.Builder version = TableVersion.newBuilder();
    RowFormat.Builder format = RowFormat.newBuilder();
    byte[] bytes = NO_ROWS;
    IntList flags = new IntList();
    while (in.next()) {
      switch (in.tag()) {
        case SERVED_BY -> version.mergeFrom(in.readBytes());
        case ROW_FORMAT -> format.mergeFrom(in.readBytes());
        case FOUND_ONE -> flags.add(in);
        case FOUND -> flags.addPacked(in);
        case ROWS -> bytes = in.readBytes();
        default -> in.skip();
      }
    }
    servedBy = version.build();
    rowFormat = format.build();
    rows = bytes;
    found = flags.take();
  }

  @Override
  public TableVersion servedBy() {
    return servedBy;
  }

  @Override
  public RowFormat rowFormat() {
    return rowFormat;
  }

  @Override
  public byte[] rows() {
    return rows;
  }

  /** Returns the number of f-grams that the reply speaks of. */
  int count() {
    return found.length;
  }

  /** Says whether the table holds an f-gram. */
  boolean found(int fgram) {
    return found[fgram] != 0;
  }
}
