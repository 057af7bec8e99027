package io.scone.cli;

import io.scone.client.TableAdmin;
import io.scone.v1.TableStatus;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Has a server load a version of a table. */
@Command(
    name = "load",
    description = "Has a server open a version of a table, and serve it if that is wanted.")
final class TableLoadCommand extends RemoteTableCommand {
  @Parameters(index = "0", paramLabel = "NAME", description = "The name to load it under.")
  private String table;

  @Parameters(
      index = "1",
      paramLabel = "DIR",
      description = "The table's directory on the server's disk, an absolute path.")
  private String directory;

  @Option(names = "--activate", description = "Serve it once it is loaded.")
  private boolean activate;

  @Override
  void run(TableAdmin admin, Console console) {
    TableStatus status = admin.load(table, directory);
    if (activate) {
      status = admin.activate(table, status.getInfo().getVersion().getVersion()).getTable();
    }
    console.result(describe(status));
  }
}
