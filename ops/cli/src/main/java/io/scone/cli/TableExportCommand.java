package io.scone.cli;

import io.scone.progress.Progress;
import io.scone.table.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes a table's rows in a form that other programs read. */
@Command(
    name = "export",
    description = {
      "Writes the f-grams of a table on disk with their counts and rows, in key order.",
      "A file that ends in .safetensors gets the tensors tokens, lengths, counts and rows; any other"
          + " gets a line of JSON for each row."
    })
final class TableExportCommand implements Callable<Integer> {
  private static final String SAFETENSORS = ".safetensors";

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DIR", description = "The table's directory.")
  private Path directory;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The file to write; without it lines of JSON go to standard output.")
  private Path file;

  @Override
  public Integer call() throws IOException {
    try (Table table = Table.open(directory);
        TableExport export = export(table)) {
      Progress progress = file == null ? Progress.NONE : common.progress();
      progress.begin("exporting", table.manifest().rowCount(), "rows");
      table.scan(
          (key, count, row) -> {
            export.visit(key, count, row);
            progress.advance(1);
          });
      progress.end();
      export.publish();
      if (file != null) {
        Map<String, Object> result = new LinkedHashMap<>();
        result.put("rows", table.manifest().rowCount());
        result.put("file", file.toString());
        common.console().result(result);
      }
    }
    return CommandLine.ExitCode.OK;
  }

  private TableExport export(Table table) throws IOException {
    if (file == null) {
      return new JsonLinesExport(spec.commandLine().getOut(), table.manifest().rowCodec());
    }
    Outputs.prepare(file);
    return file.toString().endsWith(SAFETENSORS)
        ? new SafetensorsExport(file, table.manifest())
        : new JsonLinesExport(file, table.manifest().rowCodec());
  }
}
