package io.scone.client;

import com.google.protobuf.WireFormat;
import io.scone.v1.MatchResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.TableVersion;
import java.io.IOException;

/** A {@link MatchResponse} as arrays: its rows were copied once, out of the network's buffers. */
final class MatchReply implements RowReply {
  private static final int SERVED_BY =
      MatchResponse.SERVED_BY_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int ROW_FORMAT =
      MatchResponse.ROW_FORMAT_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int POSITION =
      MatchResponse.POSITIONS_FIELD_NUMBER << WireReader.TYPE_BITS | WireFormat.WIRETYPE_VARINT;
  private static final int POSITIONS =
      MatchResponse.POSITIONS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int ROW_INDEX =
      MatchResponse.ROW_INDICES_FIELD_NUMBER << WireReader.TYPE_BITS | WireFormat.WIRETYPE_VARINT;
  private static final int ROW_INDICES =
      MatchResponse.ROW_INDICES_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int MATCH_LENGTH =
      MatchResponse.MATCH_LENGTHS_FIELD_NUMBER << WireReader.TYPE_BITS | WireFormat.WIRETYPE_VARINT;
  private static final int MATCH_LENGTHS =
      MatchResponse.MATCH_LENGTHS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int ROWS =
      MatchResponse.ROWS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int CONTINUATION_COUNT =
      MatchResponse.CONTINUATION_COUNTS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_VARINT;
  private static final int CONTINUATION_COUNTS =
      MatchResponse.CONTINUATION_COUNTS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int CONTINUATION_COMPLETE =
      MatchResponse.CONTINUATIONS_COMPLETE_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_VARINT;
  private static final int CONTINUATION_COMPLETES =
      MatchResponse.CONTINUATIONS_COMPLETE_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int CONTINUATION_TOKEN =
      MatchResponse.CONTINUATION_TOKENS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_VARINT;
  private static final int CONTINUATION_TOKENS =
      MatchResponse.CONTINUATION_TOKENS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int CONTINUATION_ROW =
      MatchResponse.CONTINUATION_ROW_INDICES_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_VARINT;
  private static final int CONTINUATION_ROWS =
      MatchResponse.CONTINUATION_ROW_INDICES_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;
  private static final int CONTINUATION_LENGTH =
      MatchResponse.CONTINUATION_MATCH_LENGTHS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_VARINT;
  private static final int CONTINUATION_LENGTHS =
      MatchResponse.CONTINUATION_MATCH_LENGTHS_FIELD_NUMBER << WireReader.TYPE_BITS
          | WireFormat.WIRETYPE_LENGTH_DELIMITED;

  private final TableVersion servedBy;
  private final RowFormat rowFormat;
  private final int[] positions;
  private final int[] rowIndices;
  private final int[] matchLengths;
  private final byte[] rows;
  private final int[] continuationCounts;
  private final int[] continuationsComplete;
  private final int[] continuationTokens;
  private final int[] continuationRows;
  private final int[] continuationLengths;

  /** Reads a reply: fields in any order, repeated ones packed or not, unknown ones skipped. */
  MatchReply(WireReader in) throws IOException {
    TableVersion.Builder version = TableVersion.newBuilder();
    RowFormat.Builder format = RowFormat.newBuilder();
    IntList matched = new IntList();
    IntList indices = new IntList();
    IntList lengths = new IntList();
    byte[] bytes = NO_ROWS;
    IntList counts = new IntList();
    IntList complete = new IntList();
    IntList tokens = new IntList();
    IntList tokenIndices = new IntList();
    IntList tokenLengths = new IntList();
    while (in.next()) {
      switch (in.tag()) {
        case SERVED_BY -> version.mergeFrom(in.readBytes());
        case ROW_FORMAT -> format.mergeFrom(in.readBytes());
        case POSITION -> matched.add(in);
        case POSITIONS -> matched.addPacked(in);
        case ROW_INDEX -> indices.add(in);
        case ROW_INDICES -> indices.addPacked(in);
        case MATCH_LENGTH -> lengths.add(in);
        case MATCH_LENGTHS -> lengths.addPacked(in);
        case ROWS -> bytes = in.readBytes();
        case CONTINUATION_COUNT -> counts.add(in);
        case CONTINUATION_COUNTS -> counts.addPacked(in);
        case CONTINUATION_COMPLETE -> complete.add(in);
        case CONTINUATION_COMPLETES -> complete.addPacked(in);
        case CONTINUATION_TOKEN -> tokens.add(in);
        case CONTINUATION_TOKENS -> tokens.addPacked(in);
        case CONTINUATION_ROW -> tokenIndices.add(in);
        case CONTINUATION_ROWS -> tokenIndices.addPacked(in);
        case CONTINUATION_LENGTH -> tokenLengths.add(in);
        case CONTINUATION_LENGTHS -> tokenLengths.addPacked(in);
        default -> in.skip();
      }
    }
    servedBy = version.build();
    rowFormat = format.build();
    positions = matched.take();
    rowIndices = indices.take();
    matchLengths = lengths.take();
    rows = bytes;
    continuationCounts = counts.take();
    continuationsComplete = complete.take();
    continuationTokens = tokens.take();
    continuationRows = tokenIndices.take();
    continuationLengths = tokenLengths.take();
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

  /** Returns the asked positions at which an f-gram ends: the reply's own array. */
  int[] positions() {
    return positions;
  }

  /** Returns for each matched position which row is its embedding: the reply's own array. */
  int[] rowIndices() {
    return rowIndices;
  }

  /** Returns for each matched position the tokens in its f-gram: the reply's own array. */
  int[] matchLengths() {
    return matchLengths;
  }

  /** Returns how many continuations each window has, or nothing: the reply's own array. */
  int[] continuationCounts() {
    return continuationCounts;
  }

  /** Returns for each window 0 unless its continuations are all: the reply's own array. */
  int[] continuationsComplete() {
    return continuationsComplete;
  }

  /** Returns the token of each continuation: the reply's own array. */
  int[] continuationTokens() {
    return continuationTokens;
  }

  /** Returns for each continuation which row is its embedding: the reply's own array. */
  int[] continuationRows() {
    return continuationRows;
  }

  /** Returns for each continuation the tokens in its f-gram: the reply's own array. */
  int[] continuationLengths() {
    return continuationLengths;
  }
}
