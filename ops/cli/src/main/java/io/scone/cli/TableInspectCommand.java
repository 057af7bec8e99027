package io.scone.cli;

import io.scone.manifest.TableManifest;
import io.scone.table.DiskUsage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Prints a table's manifest. */
@Command(name = "inspect", description = "Prints what a table on disk holds and what made it.")
final class TableInspectCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DIR", description = "The table's directory.")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    TableManifest manifest = TableManifest.read(directory);
    long payload = manifest.rowCount() * manifest.rowBytes();
    long size = DiskUsage.of(directory);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("rows", manifest.rowCount());
    result.put("rows_by_length", manifest.rowCountsByLength());
    result.put("max_ngram", manifest.maxNgram());
    result.put("vocabulary_size", manifest.vocabularySize());
    result.put("dim", manifest.dim());
    result.put("dtype", manifest.dtype().toString());
    result.put("row_bytes", manifest.rowBytes());
    result.put("bytes_on_disk", size);
    result.put("bytes_on_disk_per_row_byte", payload == 0 ? null : (double) size / payload);
    result.put("content_fingerprint", manifest.contentFingerprint());
    result.put("shard", shard(manifest.shard()));
    result.put("model_fingerprint", manifest.modelFingerprint());
    result.put("tokenizer_fingerprint", manifest.tokenizerFingerprint());
    result.put("made_by", manifest.madeBy());
    common.console().result(result);
    return CommandLine.ExitCode.OK;
  }

  private static String shard(TableManifest.Shard shard) {
    return shard.isWhole()
        ? null
        : shard.index() + " of " + shard.count() + " of " + shard.tableFingerprint();
  }
}
