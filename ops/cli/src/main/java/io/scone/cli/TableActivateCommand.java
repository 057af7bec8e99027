package io.scone.cli;

import io.scone.client.TableAdmin;
import io.scone.v1.ActivateTableResponse;
import java.io.IOException;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has a server serve a loaded version. */
@Command(name = "activate", description = "Has a server serve a loaded version of a table.")
final class TableActivateCommand extends RemoteTableCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The table.")
  private String table;

  @Parameters(
      index = "1",
      paramLabel = "VERSION",
      description = "The version to serve, or how it begins.")
  private String version;

  @Override
  void run(TableAdmin admin, Console console) throws IOException {
    ActivateTableResponse made = admin.activate(table, version(admin, table, version));
    Map<String, Object> result = describe(made.getTable());
    result.put("previous_version", made.getPreviousVersion());
    console.result(result);
  }
}
