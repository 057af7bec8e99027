package io.scone.cli;

import io.scone.cli.doctor.Check;
import io.scone.cli.doctor.Doctor;
import io.scone.cli.doctor.Finding;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scone doctor}: whether this machine has what Scone needs. */
@Command(
    name = "doctor",
    description = {
      "Looks whether this machine has what Scone needs, and says what to do where it has not: Java,"
          + " memory, open files, disk, temporary files, native libraries, a GPU's libraries, ports"
          + " and, with --server, a cache server.",
      "Ends with 0 if nothing is a problem, else with 1."
    })
final class DoctorCommand implements Callable<Integer> {
  private static final List<String> COLUMNS = List.of("check", "status", "found", "advice");
  private static final int STATUS_WIDTH = "warning".length();

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ClientOptions client;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = ".",
      description = "Where tables would go.")
  private Path directory;

  @Option(
      names = "--free",
      paramLabel = "SIZE",
      defaultValue = "1GiB",
      description = "The disk that must be free there.")
  private MemorySize free;

  @Option(
      names = "--server",
      paramLabel = "ADDRESS",
      description = "Also call this cache server: HOST:PORT, or unix:/PATH.")
  private String server;

  @Override
  public Integer call() {
    List<Check> checks = new ArrayList<>(Doctor.ofThisMachine(directory, free.bytes()));
    if (server != null) {
      checks.add(Doctor.of(client.builder(server), client.isSecured()));
    }
    int width = checks.stream().mapToInt(check -> check.name().length()).max().orElse(0);
    List<List<Object>> rows = new ArrayList<>();
    boolean healthy = true;
    for (Check check : checks) {
      Finding finding = check.look();
      healthy &= finding.status() != Finding.Status.PROBLEM;
      print(check.name(), width, finding);
      rows.add(
          Arrays.asList(check.name(), word(finding.status()), finding.found(), finding.advice()));
    }
    if (common.console().isJson()) {
      common.console().table(COLUMNS, rows);
    }
    return healthy ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
  }

  private void print(String name, int width, Finding finding) {
    String word = word(finding.status());
    common
        .console()
        .line(
            String.format("%-" + width + "s  ", name)
                + colour(finding.status(), word)
                + " ".repeat(STATUS_WIDTH - word.length())
                + "  "
                + finding.found());
    if (finding.advice() != null) {
      common.console().line(" ".repeat(width + STATUS_WIDTH + 4) + finding.advice());
    }
  }

  /** Colours a word where the output is a terminal. */
  private String colour(Finding.Status status, String word) {
    Ansi ansi = spec.commandLine().getColorScheme().ansi();
    return switch (status) {
      case OK -> ansi.string("@|green " + word + "|@");
      case WARNING -> ansi.string("@|yellow " + word + "|@");
      case PROBLEM -> ansi.string("@|bold,red " + word + "|@");
    };
  }

  private static String word(Finding.Status status) {
    return status.name().toLowerCase(Locale.ROOT);
  }
}
