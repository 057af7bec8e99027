package io.scone.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;

/**
 * The {@code scone} command.
 *
 * <p>Exit codes: 0 done, 1 failed, 2 bad usage.
 */
@Command(
    name = "scone",
    description = "Trains, serves and runs SCONE language models.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      QuickstartCommand.class,
      TokenizerCommand.class,
      MineCommand.class,
      TrainCommand.class,
      ExportCommand.class,
      PrecomputeCommand.class,
      GenerateCommand.class,
      ServeCommand.class,
      EvaluateCommand.class,
      TableCommand.class,
      CacheServerCommand.class,
      LookupCommand.class,
      BenchmarkCommand.class,
      DoctorCommand.class,
      CompletionCommand.class,
      HelpCommand.class
    },
    footer = {
      "",
      "Every option can also be set in the environment (SCONE_MINE_MAX_NGRAM for `scone mine"
          + " --max-ngram`) or in a YAML file named by --config or SCONE_CONFIG (mine: {max-ngram:"
          + " 5}). Options override the environment, which overrides the file."
    })
public final class Scone implements Runnable {
  /**
   * Netty's setting of how it looks for buffers that were lost: by the stack traces of a few that
   * were not, which costs the cache server and its clients several percent of their time.
   */
  private static final String LEAK_DETECTION = "io.netty.leakDetection.level";

  @Spec private CommandSpec spec;

  private Scone() {}

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "Name a command.");
  }

  /** Runs one command and ends the process with its exit code. */
  public static void main(String[] arguments) {
    if (System.getProperty(LEAK_DETECTION) == null) {
      System.setProperty(LEAK_DETECTION, "disabled");
    }
    LogOptions.bridge();
    System.exit(execute(arguments));
  }

  /** Runs one command and returns its exit code. */
  static int execute(String... arguments) {
    return execute(
        new PrintWriter(System.out, true, StandardCharsets.UTF_8),
        new PrintWriter(System.err, true, StandardCharsets.UTF_8),
        arguments);
  }

  /**
   * Runs one command and returns its exit code.
   *
   * @param out takes its result
   * @param err takes its progress, and what goes wrong
   */
  static int execute(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine commandLine = commandLine();
    commandLine.setOut(out);
    commandLine.setErr(err);
    commandLine.setParameterExceptionHandler((e, words) -> Complaint.usage(e));
    commandLine.setExecutionExceptionHandler((e, line, parsed) -> Complaint.failure(e, err));
    try {
      Settings settings = Settings.load(arguments, System.getenv(), commandLine.getCommandSpec());
      commandLine.setDefaultValueProvider(settings);
      commandLine.setExecutionStrategy(parsed -> executeOrPrint(parsed, settings));
    } catch (IOException | IllegalArgumentException e) {
      commandLine.getErr().println("scone: " + e.getMessage());
      return CommandLine.ExitCode.USAGE;
    }
    try {
      return commandLine.execute(arguments);
    } catch (OutOfMemoryError e) {
      return Complaint.outOfMemory(e, err);
    }
  }

  /** Returns the whole tree of commands, without settings behind its options. */
  static CommandLine commandLine() {
    CommandLine line =
        new CommandLine(new Scone())
            .registerConverter(MemorySize.class, MemorySize::parse)
            .registerConverter(TokenCount.class, TokenCount::parse)
            .registerConverter(TimeSpan.class, TimeSpan::parse)
            .registerConverter(FileMode.class, FileMode::parse)
            .registerConverter(TableResidency.class, TableResidency::parse)
            .registerConverter(Secret.class, Secret::new);
    Constants.register(line);
    return line;
  }

  private static int executeOrPrint(ParseResult parsed, Settings settings) {
    ParseResult command = parsed;
    while (command.hasSubcommand()) {
      command = command.subcommand();
    }
    boolean own = command.commandSpec().userObject() instanceof OwnConfig;
    if (own || !command.hasMatchedOption("--print-config")) {
      return new CommandLine.RunLast().execute(parsed);
    }
    new EffectiveSettings(command, settings).print(command.commandSpec().commandLine().getOut());
    return CommandLine.ExitCode.OK;
  }
}
