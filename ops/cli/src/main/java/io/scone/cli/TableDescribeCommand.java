package io.scone.cli;

import io.scone.client.TableAdmin;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Parameters;

/** Describes a version of a server's table. */
@Command(name = "describe", description = "Describes a version of a server's table.")
final class TableDescribeCommand extends RemoteTableCommand {
  @Parameters(
      index = "0",
      paramLabel = "NAME",
      arity = "0..1",
      showDefaultValue = Visibility.NEVER,
      description = "The table; the default table if none is given.")
  private String table = "";

  @Parameters(
      index = "1",
      paramLabel = "VERSION",
      arity = "0..1",
      showDefaultValue = Visibility.NEVER,
      description = "The version or how it begins; the active one if none is given.")
  private String version = "";

  @Override
  void run(TableAdmin admin, Console console) throws IOException {
    console.result(describe(admin.describe(table, version(admin, table, version))));
  }
}
