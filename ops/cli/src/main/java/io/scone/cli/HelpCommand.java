package io.scone.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** {@code scone help}: picocli's own knows the first level of commands alone. */
@Command(
    name = "help",
    description = "Shows what a command does and its options, as --help after it does.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true)
final class HelpCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Parameters(
      paramLabel = "COMMAND",
      arity = "0..*",
      showDefaultValue = Visibility.NEVER,
      description = "The command, such as mine, or table list; without it all are listed.")
  private List<String> words = List.of();

  @Override
  public void run() {
    CommandLine line = spec.root().commandLine();
    for (String word : words) {
      CommandLine below = line.getSubcommands().get(word);
      if (below == null) {
        throw new UnmatchedArgumentException(line, List.of(word));
      }
      line = below;
    }
    line.usage(spec.commandLine().getOut());
  }
}
