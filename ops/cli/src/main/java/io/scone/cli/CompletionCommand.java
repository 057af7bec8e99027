package io.scone.cli;

import java.io.PrintWriter;
import java.util.Locale;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scone completion}: has a shell complete scone's commands and options. */
@Command(
    name = "completion",
    description = {
      "Prints a script with which a shell completes commands and options as one types them.",
      "For this session: source <(scone completion bash). For good, let ~/.bashrc or ~/.zshrc hold"
          + " that line."
    },
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    usageHelpAutoWidth = true)
final class CompletionCommand implements Runnable {
  /** The shells there are scripts for. */
  private enum Shell {
    BASH,
    ZSH;

    /** Returns the name used on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Spec private CommandSpec spec;

  @Parameters(paramLabel = "bash|zsh", description = "The shell.")
  private Shell shell;

  @Override
  public void run() {
    PrintWriter out = spec.commandLine().getOut();
    if (shell == Shell.ZSH) {
      // The script is bash's, which zsh can run once it has loaded what does it.
      out.println("autoload -U +X compinit && compinit");
      out.println("autoload -U +X bashcompinit && bashcompinit");
    }
    out.println(AutoComplete.bash("scone", spec.root().commandLine()));
    out.flush();
  }
}
