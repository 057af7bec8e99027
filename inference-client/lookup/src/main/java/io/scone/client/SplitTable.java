package io.scone.client;

import io.grpc.Status;
import io.scone.v1.ShardInfo;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.util.List;
import java.util.Objects;

/**
 * A table that was split, as its shards tell of it.
 *
 * @param whole what the shards hold together
 * @param versions the version of each shard itself, null for one that could not be asked
 */
record SplitTable(TableInfo whole, List<TableVersion> versions) {
  /**
   * Puts the shards together.
   *
   * @param shards what each shard holds, null for one that could not be asked
   * @param names how sentences name each shard
   * @throws SconeException if they are not, in this order, all shards of one table
   */
  static SplitTable of(List<TableInfo> shards, List<String> names) {
    TableInfo first = null;
    long rows = 0;
    for (int i = 0; i < shards.size(); i++) {
      TableInfo shard = shards.get(i);
      if (shard == null) {
        continue;
      }
      check(shard, i, names);
      if (first == null) {
        first = shard;
      }
      checkSame(first, shard, names.get(i));
      rows += shard.getRowCount();
    }
    Objects.requireNonNull(first, "a shard that could be asked");
    TableInfo whole =
        first.toBuilder()
            .setVersion(
                first.getVersion().toBuilder().setVersion(first.getShard().getTableVersion()))
            .setRowCount(rows)
            .clearRowCountsByLength()
            .clearShard()
            .build();
    return new SplitTable(
        whole, shards.stream().map(shard -> shard == null ? null : shard.getVersion()).toList());
  }

  private static void check(TableInfo table, int index, List<String> names) {
    String name = names.get(index);
    if (!table.hasShard()) {
      throw wrong(name + " serves a whole table, not a shard of one");
    }
    ShardInfo shard = table.getShard();
    if (shard.getCount() != names.size()) {
      throw wrong(
          name
              + " serves a shard of a table split into "
              + shard.getCount()
              + ", and the addresses of "
              + names.size()
              + " shards are given");
    }
    if (shard.getIndex() != index) {
      throw wrong(name + " serves shard " + shard.getIndex() + "; give the shards in order");
    }
  }

  private static void checkSame(TableInfo first, TableInfo shard, String name) {
    String wanted = first.getShard().getTableVersion();
    String actual = shard.getShard().getTableVersion();
    if (!actual.equals(wanted)) {
      throw new SconeException(
          Status.Code.ABORTED,
          name + " serves a shard of table version " + actual + ", and others of " + wanted);
    }
    if (!shard.getRowFormat().equals(first.getRowFormat())
        || shard.getMaxNgram() != first.getMaxNgram()) {
      throw wrong(
          name + " serves rows of another shape, or f-grams of another length, than others");
    }
  }

  private static SconeException wrong(String sentence) {
    return new SconeException(Status.Code.FAILED_PRECONDITION, sentence);
  }
}
