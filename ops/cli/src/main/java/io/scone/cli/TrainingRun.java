package io.scone.cli;

import io.scone.distributed.Peers;
import io.scone.progress.Progress;
import io.scone.run.DataPreparation;
import io.scone.run.InitialModels;
import io.scone.run.RunDirectory;
import io.scone.run.RunFiles;
import io.scone.run.RunManifest;
import io.scone.run.RunSettings;
import io.scone.training.Trainer;
import io.scone.training.TrainingData;
import io.scone.training.TrainingReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

/**
 * A run of training from its text to its result, as one of the processes of its job goes through
 * it. The first prepares the data, describes the run and prints.
 */
final class TrainingRun {
  private final RunDirectory run;
  private final boolean resume;
  private final CommonOptions common;
  private final CommandLine command;

  /**
   * Begins nothing yet.
   *
   * @param resume whether to go on from the last checkpoint, if there is one
   * @param command whose usage settings are that do not fit the data
   */
  TrainingRun(RunDirectory run, boolean resume, CommonOptions common, CommandLine command) {
    this.run = run;
    this.resume = resume;
    this.common = common;
    this.command = command;
  }

  /** Trains to the end or until a signal, and returns the exit code. */
  @SuppressWarnings("try") // the signal works by being open
  int train(RunSettings settings, InitialModels initial, Peers peers) throws IOException {
    Progress progress = common.progress();
    RunFiles files = files(settings, peers, progress);
    TrainingData data = files.open();
    RunSettings resolved = settings.resolve(data);
    try (Trainer trainer =
            Trainer.open(
                run.path(),
                resolved.model(data),
                resolved.recipe(),
                data,
                initial.weights(),
                resolved.options(),
                peers,
                resume);
        StopSignal signal = new StopSignal(trainer::stop)) {
      if (peers.isFirst()) {
        RunSettings kept = initial.keepTokenizer(resolved, run);
        run.describe(kept, RunManifest.of(Version.build(), kept, files, data));
      }
      TrainingReport report = trainer.train(progress);
      long steps = resolved.recipe().steps();
      boolean stopped = report.steps() < steps;
      if (peers.isFirst()) {
        if (stopped) {
          printStopped(report.steps(), steps);
        } else {
          Map<String, Object> result = result(report);
          run.finish(result);
          common.console().result(result);
        }
      }
      return stopped ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }
  }

  /** Returns the files to train on: the first process makes them, and the others wait for it. */
  private RunFiles files(RunSettings settings, Peers peers, Progress progress) throws IOException {
    if (!peers.isFirst()) {
      return RunFiles.ofJson(peers.told());
    }
    int threads = settings.options().threads();
    try {
      RunFiles files =
          new DataPreparation(settings.data(), run.data(settings.data()), threads, progress)
              .prepare(settings.isBaseline());
      peers.tell(files.toJson());
      return files;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command, e.getMessage(), e);
    }
  }

  private void printStopped(long done, long steps) {
    PrintWriter err = command.getErr();
    err.printf(
        "scone: stopped after step %d of %d; go on with%n  scone train --resume --out %s%n",
        done, steps, Steps.quoted(run.path().toString()));
    err.flush(); // the process ends once the signal is let go
  }

  private static Map<String, Object> result(TrainingReport report) {
    Map<String, Object> result = new LinkedHashMap<>();
    result.put("checkpoint", report.checkpoint().toString());
    result.put("main_parameters", report.mainParameters());
    result.put("fgram_parameters", report.fgramParameters());
    result.put("steps", report.steps());
    result.put("tokens", report.tokens());
    result.put("tokens_per_second", report.tokensPerSecond());
    result.put("training_loss", report.loss());
    if (report.validation() != null) {
      result.put("validation_tokens", report.validation().tokens());
      result.put("validation_perplexity", report.validation().perplexity());
      if (report.validation().perplexityWithoutRows() != null) {
        result.put("validation_perplexity_rows_off", report.validation().perplexityWithoutRows());
      }
    }
    return result;
  }
}
