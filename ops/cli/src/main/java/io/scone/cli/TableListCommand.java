package io.scone.cli;

import io.scone.client.TableAdmin;
import io.scone.v1.TableInfo;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine.Command;

/** Lists a server's tables. */
@Command(name = "list", description = "Lists the tables of a server and their versions.")
final class TableListCommand extends RemoteTableCommand {
  private static final List<String> COLUMNS =
      List.of("table", "version", "state", "rows", "directory");

  @Override
  void run(TableAdmin admin, Console console) {
    console.table(
        COLUMNS,
        admin.list().stream()
            .map(
                status -> {
                  TableInfo info = status.getInfo();
                  return Arrays.<Object>asList(
                      info.getVersion().getTable(),
                      info.getVersion().getVersion(),
                      state(status.getState()),
                      info.getRowCount(),
                      status.getDirectory());
                })
            .toList());
  }
}
