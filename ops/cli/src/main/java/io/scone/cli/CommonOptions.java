package io.scone.cli;

import io.scone.progress.Progress;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that every command has; a mixin. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    showDefaultValues = true,
    usageHelpAutoWidth = true)
final class CommonOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command;

  @Option(names = "--json", description = "Print the result as JSON.")
  private boolean json;

  /** Read by {@link Settings} before the command line is parsed, or by an {@link OwnConfig}. */
  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Take settings that are not given as options from this YAML file.")
  private Path config;

  /** Acted on by {@link Scone} in the command's place, or by an {@link OwnConfig}. */
  @Option(
      names = "--print-config",
      description =
          "Print the settings that the command would run with, and where each is from, as YAML that"
              + " --config takes; do nothing else.")
  private boolean printConfig;

  /** Returns the file of settings, or null, for an {@link OwnConfig}. */
  Path config() {
    return config;
  }

  /** Says whether the settings are to be printed, for an {@link OwnConfig}. */
  boolean printConfig() {
    return printConfig;
  }

  /** Returns what the command writes to. */
  Console console() {
    return new Console(command.commandLine().getOut(), json);
  }

  /** Returns the display of long work, on standard error. */
  Progress progress() {
    return Boolean.getBoolean("scone.terminal")
        ? new ProgressBarDisplay()
        : new ProgressLines(command.commandLine().getErr());
  }
}
