package io.scone.cli;

import io.scone.manifest.TableManifest;
import io.scone.progress.Progress;
import io.scone.table.Table;
import io.scone.table.TableSplitter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Divides a table among servers. */
@Command(
    name = "split",
    description =
        "Splits a table on disk into shards, tables for a server each; each f-gram goes to the shard"
            + " that its last two tokens name.")
final class TableSplitCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("shard", "rows", "version", "directory");

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DIR", description = "The table's directory.")
  private Path directory;

  @Option(
      names = "--shards",
      paramLabel = "N",
      showDefaultValue = Visibility.NEVER,
      required = true,
      description = "How many shards, at least 2.")
  private int shards;

  @Option(
      names = "--out",
      paramLabel = "DIR",
      required = true,
      description = "The directory that gets the shards, shard-I-of-N.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (shards < 2) {
      throw new ParameterException(spec.commandLine(), "Give --shards 2 or more.");
    }
    Progress progress = common.progress();
    List<List<?>> rows = new ArrayList<>();
    try (Table table = Table.open(directory)) {
      progress.begin("splitting", table.manifest().rowCount(), "rows");
      for (Path shard : TableSplitter.split(table, out, shards, progress::advance)) {
        TableManifest manifest = TableManifest.read(shard);
        rows.add(
            Arrays.asList(
                manifest.shard().index(),
                manifest.rowCount(),
                manifest.contentFingerprint(),
                shard.toString()));
      }
      progress.end();
    }
    common.console().table(COLUMNS, rows);
    return CommandLine.ExitCode.OK;
  }
}
