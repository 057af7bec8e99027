package io.scone.client;

import com.google.protobuf.ByteString;
import io.grpc.Status;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.ContainsResponse;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/** Joins the replies to the requests of one call, and checks that they hold what they should. */
final class ReplyJoiner {
  private ReplyJoiner() {}

  static Matches matches(List<RequestSplitter.MatchPart> parts, List<MatchResponse> replies) {
    TableVersion servedBy = servedBy(replies, MatchResponse::getServedBy);
    RowCodec codec = codec(replies.get(0).getRowFormat());
    int count = replies.stream().mapToInt(MatchResponse::getPositionsCount).sum();
    int[] positions = new int[count];
    int[] rowIndices = new int[count];
    int[] lengths = new int[count];
    int match = 0;
    int askedBefore = 0;
    int rowsBefore = 0;
    for (int part = 0; part < replies.size(); part++) {
      MatchResponse reply = replies.get(part);
      int asked = parts.get(part).asked();
      int rows = rowCount(reply.getRows(), codec);
      check(reply.getRowIndicesCount() == reply.getPositionsCount());
      check(reply.getMatchLengthsCount() == reply.getPositionsCount());
      for (int i = 0; i < reply.getPositionsCount(); i++, match++) {
        check(Integer.compareUnsigned(reply.getPositions(i), asked) < 0);
        check(Integer.compareUnsigned(reply.getRowIndices(i), rows) < 0);
        positions[match] = askedBefore + reply.getPositions(i);
        rowIndices[match] = rowsBefore + reply.getRowIndices(i);
        lengths[match] = reply.getMatchLengths(i);
      }
      askedBefore += asked;
      rowsBefore += rows;
    }
    Rows rows = rows(codec, replies.stream().map(MatchResponse::getRows).toList());
    return new Matches(positions, rowIndices, lengths, rows, servedBy);
  }

  static FoundFgrams lookups(int asked, List<LookupResponse> replies) {
    TableVersion servedBy = servedBy(replies, LookupResponse::getServedBy);
    RowCodec codec = codec(replies.get(0).getRowFormat());
    boolean[] found = found(asked, replies, LookupResponse::getFoundList);
    int held = 0;
    for (boolean each : found) {
      held += each ? 1 : 0;
    }
    Rows rows = rows(codec, replies.stream().map(LookupResponse::getRows).toList());
    check(rows.count() == held);
    return new FoundFgrams(found, rows, servedBy);
  }

  static boolean[] contained(int asked, List<ContainsResponse> replies) {
    servedBy(replies, ContainsResponse::getServedBy);
    return found(asked, replies, ContainsResponse::getFoundList);
  }

  private static <R> boolean[] found(
      int asked, List<R> replies, Function<R, List<Boolean>> foundOf) {
    List<Boolean> found = replies.stream().map(foundOf).flatMap(List::stream).toList();
    check(found.size() == asked);
    boolean[] array = new boolean[asked];
    for (int i = 0; i < asked; i++) {
      array[i] = found.get(i);
    }
    return array;
  }

  private static <R> TableVersion servedBy(List<R> replies, Function<R, TableVersion> versionOf) {
    List<TableVersion> versions = replies.stream().map(versionOf).distinct().toList();
    if (versions.size() > 1) {
      throw new SconeException(
          Status.Code.ABORTED,
          "the server replaced table '"
              + versions.get(0).getTable()
              + "' while it answered; ask again");
    }
    return versions.get(0);
  }

  private static RowCodec codec(RowFormat format) {
    RowCodec codec;
    try {
      codec = new RowCodec(Dtype.of(format.getType()), format.getDim());
    } catch (IllegalArgumentException e) {
      throw new SconeException(Status.Code.UNIMPLEMENTED, e.getMessage(), e);
    }
    check(codec.rowBytes() == format.getRowBytes());
    return codec;
  }

  /** Joins the rows of all replies; those of a single one are not copied. */
  private static Rows rows(RowCodec codec, List<ByteString> parts) {
    parts.forEach(part -> check(part.size() % codec.rowBytes() == 0));
    if (parts.size() == 1) {
      return new Rows(codec, parts.get(0).asReadOnlyByteBuffer());
    }
    long bytes = parts.stream().mapToLong(ByteString::size).sum();
    if (bytes > Integer.MAX_VALUE) {
      throw new SconeException(
          Status.Code.INVALID_ARGUMENT,
          "the rows take " + bytes + " bytes, more than a buffer holds; ask for fewer at once");
    }
    ByteBuffer joined = ByteBuffer.allocate((int) bytes);
    parts.forEach(part -> part.copyTo(joined));
    return new Rows(codec, joined.flip());
  }

  private static int rowCount(ByteString rows, RowCodec codec) {
    return rows.size() / codec.rowBytes();
  }

  private static void check(boolean condition) {
    if (!condition) {
      throw new SconeException(
          Status.Code.INTERNAL, "the server's reply contradicts itself; it is not used");
    }
  }
}
