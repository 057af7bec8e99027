package io.scone.server;

import io.scone.manifest.TableManifest;
import io.scone.table.Table;
import io.scone.v1.RowFormat;
import io.scone.v1.ShardInfo;
import io.scone.v1.TableInfo;
import io.scone.v1.TableVersion;
import java.util.regex.Pattern;

/** A table under the name it is served by, and how replies describe it. */
final class ServedTable {
  private static final Pattern NAME = Pattern.compile("[a-z0-9._-]{1,128}");

  private final Table table;
  private final TableInfo info;

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

  RowFormat rowFormat() {
    return info.getRowFormat();
  }

  int rowBytes() {
    return rowFormat().getRowBytes();
  }
}
