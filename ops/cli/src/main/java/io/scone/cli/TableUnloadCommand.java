package io.scone.cli;

import io.scone.client.TableAdmin;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has a server close a version. */
@Command(
    name = "unload",
    description =
        "Has a server close a version of a table that is not active; waits for its last reader.")
final class TableUnloadCommand extends RemoteTableCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The table.")
  private String table;

  @Parameters(
      index = "1",
      paramLabel = "VERSION",
      description = "The version to close, or how it begins.")
  private String version;

  @Override
  void run(TableAdmin admin, Console console) throws IOException {
    String closed = version(admin, table, version);
    admin.unload(table, closed);
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("table", table);
    result.put("unloaded", closed);
    console.result(result);
  }
}
