package io.scone.cli;

import io.scone.client.TableAdmin;
import io.scone.v1.RollbackTableResponse;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Has a server go back to the version before. */
@Command(
    name = "rollback",
    description = "Has a server serve the version again that was active before the active one.")
final class TableRollbackCommand extends RemoteTableCommand {
  @Parameters(paramLabel = "NAME", description = "The table.")
  private String table;

  @Override
  void run(TableAdmin admin, Console console) {
    RollbackTableResponse made = admin.rollBack(table);
    Map<String, Object> result = describe(made.getTable());
    result.put("previous_version", made.getPreviousVersion());
    console.result(result);
  }
}
