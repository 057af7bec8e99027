package io.scone.client;

import io.grpc.Status;
import io.scone.fgram.FgramShard;
import io.scone.row.RowCodec;
import io.scone.v1.TableVersion;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;

/** Joins the answers of the shards of a table to that of the whole. */
final class ShardJoiner {
  private static final int NONE = -1;

  private ShardJoiner() {}

  /**
   * Joins matches.
   *
   * @param answers the answer of each shard, null for one that failed
   * @throws SconeException if they are not of the table's version
   */
  static Matches matches(TokenWindows windows, List<Matches> answers, SplitTable table) {
    checkVersions(answers, Matches::servedBy, table);
    int asked = 0;
    for (TokenWindows.Window window : windows.windows()) {
      asked += window.length - window.context;
    }
    int[] rowAt = new int[asked];
    int[] lengthAt = new int[asked];
    Arrays.fill(rowAt, NONE);
    int count = 0;
    int rows = 0;
    for (Matches answer : answers) {
      if (answer == null) {
        continue;
      }
      for (int match = 0; match < answer.count(); match++) {
        int position = answer.position(match);
        if (rowAt[position] != NONE) {
          throw new SconeException(
              Status.Code.INTERNAL, "two shards match the same position; they do not fit together");
        }
        rowAt[position] = rows + answer.rowIndex(match);
        lengthAt[position] = answer.length(match);
        count++;
      }
      rows += answer.rows().count();
    }
    int[] positions = new int[count];
    int[] rowIndices = new int[count];
    int[] lengths = new int[count];
    int match = 0;
    for (int position = 0; position < asked; position++) {
      if (rowAt[position] != NONE) {
        positions[match] = position;
        rowIndices[match] = rowAt[position];
        lengths[match++] = lengthAt[position];
      }
    }
    List<Rows> parts = answers.stream().filter(Objects::nonNull).map(Matches::rows).toList();
    return new Matches(
        positions,
        rowIndices,
        lengths,
        rows(parts),
        table.whole().getVersion(),
        answers.contains(null) ? unknown(windows, asked, answers) : Matches.ALL_KNOWN,
        List.of());
  }

  /**
   * Joins lookups.
   *
   * @param owners the shard of each f-gram
   */
  static FoundFgrams lookups(int[] owners, List<FoundFgrams> answers, SplitTable table) {
    checkVersions(answers, FoundFgrams::servedBy, table);
    RowCodec codec = answers.get(0).rows().codec();
    boolean[] found = new boolean[owners.length];
    int[] next = new int[answers.size()];
    long bytes = answers.stream().mapToLong(answer -> answer.rows().bytes().remaining()).sum();
    ByteBuffer rows = Rows.allocate(bytes);
    for (int i = 0; i < owners.length; i++) {
      FoundFgrams answer = answers.get(owners[i]);
      int fgram = next[owners[i]]++;
      found[i] = answer.found(fgram);
      if (found[i]) {
        rows.put(answer.rows().bytes(answer.rowIndex(fgram)));
      }
    }
    return new FoundFgrams(found, new Rows(codec, rows.flip()), table.whole().getVersion());
  }

  /**
   * Joins what shards contain.
   *
   * @param owners the shard of each f-gram
   */
  static ContainedFgrams contained(int[] owners, List<ContainedFgrams> answers, SplitTable table) {
    checkVersions(answers, ContainedFgrams::servedBy, table);
    boolean[] contained = new boolean[owners.length];
    int[] next = new int[answers.size()];
    for (int i = 0; i < owners.length; i++) {
      contained[i] = answers.get(owners[i]).contained()[next[owners[i]]++];
    }
    return new ContainedFgrams(contained, table.whole().getVersion());
  }

  /** Returns the asked positions whose match only a failed shard could have told. */
  private static int[] unknown(TokenWindows windows, int asked, List<Matches> answers) {
    int[] unknown = new int[asked];
    int count = 0;
    int position = 0;
    for (TokenWindows.Window window : windows.windows()) {
      int[] tokens = window.tokens;
      int end = window.offset + window.length;
      for (int i = window.offset + window.context; i < end; i++, position++) {
        boolean endsNone = i == window.offset; // an f-gram has two tokens or more
        if (!endsNone
            && answers.get(FgramShard.of(tokens[i - 1], tokens[i], answers.size())) == null) {
          unknown[count++] = position;
        }
      }
    }
    return Arrays.copyOf(unknown, count);
  }

  private static <R> void checkVersions(
      List<R> answers, Function<R, TableVersion> versionOf, SplitTable table) {
    for (int i = 0; i < answers.size(); i++) {
      if (answers.get(i) != null
          && !versionOf.apply(answers.get(i)).equals(table.versions().get(i))) {
        throw ReplyJoiner.replaced(table.whole().getVersion());
      }
    }
  }

  private static Rows rows(List<Rows> parts) {
    ByteBuffer bytes =
        Rows.allocate(parts.stream().mapToLong(part -> part.bytes().remaining()).sum());
    parts.forEach(part -> bytes.put(part.bytes()));
    return new Rows(parts.get(0).codec(), bytes.flip());
  }
}
