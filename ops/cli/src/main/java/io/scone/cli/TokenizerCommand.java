package io.scone.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone tokenizer}: makes and uses tokenizers. */
@Command(
    name = "tokenizer",
    description = "Learns a tokenizer from text; turns text into tokens.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {TokenizerTrainCommand.class, TokenizerEncodeCommand.class})
final class TokenizerCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }
}
