package io.scone.cli;

import io.scone.run.RunDirectory;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;

/**
 * Training runs, one after another, each in a process of its own: one that fails, however it does,
 * leaves the others be.
 */
final class MultiRun {
  private static final List<String> COLUMNS =
      List.of("run", "state", "steps", "validation_perplexity");

  private final Console console;
  private final PrintWriter err;
  private final AtomicBoolean stopping = new AtomicBoolean();

  /** Runs nothing yet; the console gets the table, the writer what happens until then. */
  MultiRun(Console console, PrintWriter err) {
    this.console = console;
    this.err = err;
  }

  /**
   * A run to come.
   *
   * @param name what it is called
   * @param directory where its result will be
   * @param command what trains it
   * @param isComplete whether it is left as it is
   */
  record Planned(String name, RunDirectory directory, List<String> command, boolean isComplete) {}

  /** Trains all that is not complete, prints what came of each and returns the exit code. */
  @SuppressWarnings("try") // the signal works by being open
  int run(List<Planned> runs) throws IOException {
    List<List<?>> rows = new ArrayList<>();
    boolean anyFailed = false;
    try (StopSignal signal = new StopSignal(() -> stopping.set(true))) {
      for (Planned run : runs) {
        say("run %d of %d, %s".formatted(rows.size() + 1, runs.size(), run.name()));
        boolean done = run.isComplete() || train(run);
        if (stopping.get()) {
          say("stopped; the same command with --resume goes on");
          return CommandLine.ExitCode.SOFTWARE;
        }
        anyFailed |= !done;
        rows.add(row(run, done));
      }
      console.table(COLUMNS, rows);
    }
    return anyFailed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
  }

  private boolean train(Planned run) throws IOException {
    PrintWriter nowhere = new PrintWriter(Writer.nullWriter()); // its directory has the result
    Optional<LocalJob.Failure> failure = new LocalJob(nowhere, err).run(1, run.command());
    if (failure.isPresent() && !stopping.get()) {
      say("run %s %s".formatted(run.name(), failure.get()));
    }
    return failure.isEmpty();
  }

  private static List<Object> row(Planned run, boolean done) throws IOException {
    Map<String, Object> result = done ? run.directory().result().orElse(Map.of()) : Map.of();
    List<Object> row = new ArrayList<>();
    row.add(run.name());
    row.add(done ? "done" : "failed");
    COLUMNS.subList(row.size(), COLUMNS.size()).forEach(column -> row.add(result.get(column)));
    return row;
  }

  private void say(String text) {
    err.println("scone: " + text);
    err.flush();
  }
}
