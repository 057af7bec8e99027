package io.scone.server;

import io.scone.fgram.FgramFilter;
import io.scone.manifest.TableManifest;
import io.scone.table.Table;
import io.scone.v1.RowFormat;
import io.scone.v1.ShardInfo;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.io.IOException;
import java.util.regex.Pattern;

/** A table under the name it is served by, and how replies describe it. */
final class ServedTable {
  private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,128}");

  private final Table table;
  private final TableInfo info;
  private final OnDemand<ForwardIndex> forward;
  private final OnDemand<FgramFilter> filter;
  private final OnDemand<FrequentFgrams> frequent;

  ServedTable(String name, Table table) {
    this.table = table;
    TableManifest manifest = table.manifest();
    TableInfo.Builder info =
        TableInfo.newBuilder()
            .setVersion(
                TableVersion.newBuilder()
                    .setTable(name)
                    .setVersion(manifest.contentFingerprint())
                    .setModelFingerprint(manifest.modelFingerprint()))
            .setTokenizerFingerprint(manifest.tokenizerFingerprint())
            .setRowFormat(
                RowFormat.newBuilder()
                    .setType(manifest.dtype().rowType())
                    .setDim(manifest.dim())
                    .setRowBytes(manifest.rowBytes()))
            .setVocabularySize(manifest.vocabularySize())
            .setMaxNgram(manifest.maxNgram())
            .setRowCount(manifest.rowCount())
            .addAllRowCountsByLength(manifest.rowCountsByLength());
    TableManifest.Shard shard = manifest.shard();
    if (!shard.isWhole()) {
      info.setShard(
          ShardInfo.newBuilder()
              .setIndex(shard.index())
              .setCount(shard.count())
              .setTableVersion(shard.tableFingerprint()));
    }
    this.info = info.build();
    this.forward =
        new OnDemand<>("the forward index of '" + name + "'", () -> ForwardIndex.of(table));
    this.filter = new OnDemand<>("the f-gram filter of '" + name + "'", () -> filter(table));
    this.frequent =
        new OnDemand<>(
            "the list of frequent f-grams of '" + name + "'", () -> FrequentFgrams.of(table));
  }

  /** Says whether a table may have that name. */
  static boolean isName(String name) {
    return NAME.matcher(name).matches();
  }

  String name() {
    return version().getTable();
  }

  Table table() {
    return table;
  }

  TableInfo info() {
    return info;
  }

  TableVersion version() {
    return info.getVersion();
  }

  /** Returns the f-grams by their beginnings, or null while they are not sorted. */
  ForwardIndex forward() {
    return forward.get();
  }

  /** Returns the filter of the f-grams, or null while it is not made. */
  FgramFilter filter() {
    return filter.get();
  }

  /** Returns the f-grams by their counts, or null while they are not sorted. */
  FrequentFgrams frequent() {
    return frequent.get();
  }

  private static FgramFilter filter(Table table) throws IOException {
    FgramFilter filter = FgramFilter.forFgrams(table.manifest().rowCount());
    table.scanFgrams((tokens, count) -> filter.add(FgramFilter.hash(tokens, 0, tokens.length)));
    return filter;
  }

  RowFormat rowFormat() {
    return info.getRowFormat();
  }

  int rowBytes() {
    return rowFormat().getRowBytes();
  }
}
