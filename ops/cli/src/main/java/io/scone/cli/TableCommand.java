package io.scone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Everything about tables but making them and asking them. */
@Command(
    name = "table",
    description = "Looks into tables on disk, and administers those of a server.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      TableInspectCommand.class,
      TableVerifyCommand.class,
      TableGetCommand.class,
      TableExportCommand.class,
      TableSplitCommand.class,
      TableListCommand.class,
      TableDescribeCommand.class,
      TableLoadCommand.class,
      TableActivateCommand.class,
      TableRollbackCommand.class,
      TableUnloadCommand.class,
    })
final class TableCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }
}
