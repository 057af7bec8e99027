package io.scone.client;

import io.grpc.Status;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.v1.ContainsResponse;
import io.scone.v1.RowFormat;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/** Joins the replies to the requests of one call, and checks that they hold what they should. */
final class ReplyJoiner {
  private ReplyJoiner() {}

  /**
   * Joins matches.
   *
   * @param windows how many windows the call has
   */
  static Matches matches(
      int windows, List<RequestSplitter.MatchPart> parts, List<MatchReply> replies) {
    TableVersion servedBy = servedBy(replies, MatchReply::servedBy);
    RowCodec codec = codec(replies.get(0).rowFormat());
    for (int part = 0; part < replies.size(); part++) {
      check(parts.get(part), replies.get(part), codec);
    }
    Rows rows = rows(codec, replies);
    if (replies.size() == 1) {
      MatchReply reply = replies.get(0);
      return new Matches(
          reply.positions(),
          reply.rowIndices(),
          reply.matchLengths(),
          rows,
          servedBy,
          Matches.ALL_KNOWN,
          continuations(windows, parts, replies, codec));
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
    return new Matches(
        positions,
        rowIndices,
        lengths,
        rows,
        servedBy,
        Matches.ALL_KNOWN,
        continuations(windows, parts, replies, codec));
  }

  /** Returns what may follow each window of the call; nothing where no reply tells anything. */
  private static List<Continuations> continuations(
      int windows,
      List<RequestSplitter.MatchPart> parts,
      List<MatchReply> replies,
      RowCodec codec) {
    if (replies.stream().allMatch(reply -> reply.continuationCounts().length == 0)) {
      return List.of();
    }
    Continuations[] continuations = new Continuations[windows];
    Arrays.fill(continuations, Continuations.UNKNOWN);
    int firstRow = 0;
    for (int part = 0; part < replies.size(); part++) {
      MatchReply reply = replies.get(part);
      int[] counts = reply.continuationCounts();
      int begin = 0;
      for (int window = 0; window < counts.length; window++) {
        int end = begin + counts[window];
        if (parts.get(part).continuations(window) > 0) {
          continuations[parts.get(part).number(window)] =
              new Continuations(
                  reply.continuationTokens(),
                  reply.continuationRows(),
                  reply.continuationLengths(),
                  begin,
                  end,
                  firstRow,
                  reply.continuationsComplete()[window] != 0);
        }
        begin = end;
      }
      firstRow += rowCount(reply, codec);
    }
    return List.of(continuations);
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
    checkContinuations(part, reply, rows);
  }

  private static void checkContinuations(
      RequestSplitter.MatchPart part, MatchReply reply, int rows) {
    int[] counts = reply.continuationCounts();
    int tokens = reply.continuationTokens().length;
    check(counts.length == 0 || counts.length == part.windows());
    check(reply.continuationsComplete().length == counts.length);
    check(reply.continuationRows().length == tokens);
    check(reply.continuationLengths().length == tokens);
    for (int window = 0; window < counts.length; window++) {
      check(Integer.compareUnsigned(counts[window], part.continuations(window)) <= 0);
    }
    check(Arrays.stream(counts).asLongStream().sum() == tokens);
    for (int row : reply.continuationRows()) {
      check(Integer.compareUnsigned(row, rows) < 0);
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
