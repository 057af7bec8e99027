package io.scone.cli;

import io.scone.table.Table;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Reads all of a table and compares it with its manifest. */
@Command(
    name = "verify",
    description = "Reads every row of a table on disk and compares them with its manifest.")
final class TableVerifyCommand implements Callable<Integer> {
  @Mixin private CommonOptions common;

  @Parameters(paramLabel = "DIR", description = "The table's directory.")
  private Path directory;

  @Override
  public Integer call() throws IOException {
    try (Table table = Table.open(directory)) {
      table.verify();
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("intact", true);
      result.put("rows", table.manifest().rowCount());
      result.put("content_fingerprint", table.manifest().contentFingerprint());
      common.console().result(result);
    }
    return CommandLine.ExitCode.OK;
  }
}
