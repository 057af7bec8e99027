package io.scone.client;

import io.grpc.Status;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.ContainsResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Function;

/** Joins the replies to the requests of one call, and checks that they hold what they should. */
final class ReplyJoiner {
  private ReplyJoiner() {}

  static Matches matches(List<RequestSplitter.MatchPart> parts, List<MatchReply> replies) {
    TableVersion servedBy = servedBy(replies, MatchReply::servedBy);
    RowCodec codec = codec(replies.get(0).rowFormat());
    for (int part = 0; part < replies.size(); part++) {
      check(parts.get(part), replies.get(part), codec);
    }
    Rows rows = rows(codec, replies);
    if (replies.size() == 1) {
      MatchReply reply = replies.get(0);
      return new Matches(
          reply.positions(), reply.rowIndices(), reply.matchLengths(), rows, servedBy);
    }
    int count = replies.stream().mapToInt(reply -> reply.positions().length).sum();
    int[] positions = new int[count];
    int[] rowIndices = new int[count];
    int[] lengths = new int[count];
    int match = 0;
    int askedBefore = 0;
    int rowsBefore = 0;
    for (int part = 0; part < replies.size(); part++) {
      MatchReply reply = replies.get(part);
      for (int i = 0; i < reply.positions().length; i++, match++) {
        positions[match] = askedBefore + reply.positions()[i];
        rowIndices[match] = rowsBefore + reply.rowIndices()[i];
        lengths[match] = reply.matchLengths()[i];
      }
      askedBefore += parts.get(part).asked();
      rowsBefore += rowCount(reply, codec);
    }
    return new Matches(positions, rowIndices, lengths, rows, servedBy);
  }

  /** Checks that a reply names, in order, positions that were asked and rows that it holds. */
  private static void check(RequestSplitter.MatchPart part, MatchReply reply, RowCodec codec) {
    int count = reply.positions().length;
    check(reply.rowIndices().length == count);
    check(reply.matchLengths().length == count);
    int rows = rowCount(reply, codec);
    int before = -1;
    for (int i = 0; i < count; i++) {
      int position = reply.positions()[i];
      check(position > before && position < part.asked());
      check(Integer.compareUnsigned(reply.rowIndices()[i], rows) < 0);
      before = position;
    }
  }

  static FoundFgrams lookups(int asked, List<LookupReply> replies) {
    TableVersion servedBy = servedBy(replies, LookupReply::servedBy);
    RowCodec codec = codec(replies.get(0).rowFormat());
    check(replies.stream().mapToInt(LookupReply::count).sum() == asked);
    boolean[] found = new boolean[asked];
    int at = 0;
    for (LookupReply reply : replies) {
      int held = 0;
      for (int i = 0; i < reply.count(); i++) {
        found[at++] = reply.found(i);
        held += reply.found(i) ? 1 : 0;
      }
      check(rowCount(reply, codec) == held);
    }
    return new FoundFgrams(found, rows(codec, replies), servedBy);
  }

  static ContainedFgrams contained(int asked, List<ContainsResponse> replies) {
    TableVersion servedBy = servedBy(replies, ContainsResponse::getServedBy);
    check(replies.stream().mapToInt(ContainsResponse::getFoundCount).sum() == asked);
    boolean[] found = new boolean[asked];
    int at = 0;
    for (ContainsResponse reply : replies) {
      for (int i = 0; i < reply.getFoundCount(); i++) {
        found[at++] = reply.getFound(i);
      }
    }
    return new ContainedFgrams(found, servedBy);
  }

  private static <R> TableVersion servedBy(List<R> replies, Function<R, TableVersion> versionOf) {
    TableVersion version = versionOf.apply(replies.get(0));
    for (R reply : replies) {
      if (!versionOf.apply(reply).equals(version)) {
        throw replaced(version);
      }
    }
    return version;
  }

  /** Returns the failure of a call whose replies are of different versions of a table. */
  static SconeException replaced(TableVersion version) {
    return new SconeException(
        Status.Code.ABORTED,
        "the server replaced table '" + version.getTable() + "' while it answered; ask again");
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
  private static Rows rows(RowCodec codec, List<? extends RowReply> replies) {
    if (replies.size() == 1) {
      return new Rows(codec, ByteBuffer.wrap(replies.get(0).rows()));
    }
    ByteBuffer joined =
        Rows.allocate(replies.stream().mapToLong(reply -> reply.rows().length).sum());
    replies.forEach(reply -> joined.put(reply.rows()));
    return new Rows(codec, joined.flip());
  }

  private static int rowCount(RowReply reply, RowCodec codec) {
    check(reply.rows().length % codec.rowBytes() == 0);
    return reply.rows().length / codec.rowBytes();
  }

  private static void check(boolean condition) {
    if (!condition) {
      throw new SconeException(
          Status.Code.INTERNAL, "the server's reply contradicts itself; it is not used");
    }
  }
}
