package io.scone.cli;

import io.scone.distributed.Peers;
import io.scone.distributed.Rendezvous;
import io.scone.progress.Progress;
import io.scone.run.DataPreparation;
import io.scone.run.InitialModels;
import io.scone.run.Presets;
import io.scone.run.RunDirectory;
import io.scone.run.RunFiles;
import io.scone.run.RunManifest;
import io.scone.run.RunSettings;
import io.scone.training.Trainer;
import io.scone.training.TrainingData;
import io.scone.training.TrainingReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code scone train}. */
@Command(
    name = "train",
    description = {
      "Trains a main model together with its f-gram model, or without one as a baseline.",
      "The settings are those of a preset, under those of the file --config, under those given as"
          + " key=value; --print-config shows them all. Text is tokenized and its f-grams are mined"
          + " where the settings name none.",
      "The run's directory gets its settings, checkpoints, a log (log.jsonl, and an event file for TensorBoard) and its charts. A run that was ended"
          + " early goes on from its last checkpoint with --resume, which needs no settings.",
      "Where torchrun, Slurm's srun or Kubernetes' PyTorchJob starts it as one of several processes, they train together, each with a share of every batch."
    },
    footer = {
      "",
      "For example: scone train quickstart data.corpus=TEXT data.tokenizer=gpt2 training.epochs=2"
    })
final class TrainCommand implements Callable<Integer>, OwnConfig {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;

  @Parameters(
      arity = "0..*",
      paramLabel = "PRESET|KEY=VALUE",
      completionCandidates = PresetNames.class,
      description = {
        "A preset (${COMPLETION-CANDIDATES}), and settings by section and key, such as model.dim=256."
      })
  private List<String> words = List.of();

  @Option(
      names = "--out",
      paramLabel = "DIR",
      defaultValue = "run",
      description = "The run's directory.")
  private Path out;

  @Option(
      names = "--baseline",
      description = "Train the same main model without f-grams, to compare with: fgram=none.")
  private boolean baseline;

  @Option(
      names = "--init-from",
      paramLabel = "DIR",
      description = {
        "Start the main model from the trained GPT-2 in this directory, as Hugging Face saves one"
            + " (config.json, model.safetensors, tokenizer.json): model.init_from=DIR. Its shape and"
            + " tokenizer are the run's."
      })
  private Path initFrom;

  @Option(names = "--resume", description = "Go on from the run's last checkpoint, if it has one.")
  private boolean resume;

  @Option(
      names = "--nproc",
      paramLabel = "N",
      defaultValue = "1",
      description =
          "Train as N processes of this machine, each with a share of every batch and, on GPUs, one"
              + " of them.")
  private int processes;

  /** The presets, for the help. */
  private static final class PresetNames extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    PresetNames() {
      super(Presets.names());
    }
  }

  @Override
  public Integer call() throws IOException {
    RunDirectory run = new RunDirectory(out);
    Rendezvous place;
    RunSettings settings;
    InitialModels initial;
    try {
      place = Rendezvous.of(System.getenv());
      initial = InitialModels.open(settings(run), run, resume);
      settings = initial.fitted();
      if (common.printConfig()) {
        PrintWriter printer = spec.commandLine().getOut();
        printer.print(settings.toYaml());
        printer.flush();
        return CommandLine.ExitCode.OK;
      }
      check(place);
      settings.check(Math.max(processes, place.size()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    if (processes > 1) {
      return trainAsProcesses(run);
    }
    try (Peers peers = Trainer.join(place, settings.options())) {
      return train(run, settings, initial, peers);
    }
  }

  private void check(Rendezvous place) {
    if (processes < 1) {
      throw new IllegalArgumentException("--nproc is " + processes + ", not positive");
    }
    if (processes > 1 && place.size() > 1) {
      throw new IllegalArgumentException(
          "--nproc starts the processes of a job, and a launcher has started this one as one of "
              + place.size());
    }
  }

  /** Starts this command as several processes. */
  @SuppressWarnings("try") // the signal works by being open
  private int trainAsProcesses(RunDirectory run) throws IOException {
    AtomicBoolean stopping = new AtomicBoolean();
    PrintWriter err = spec.commandLine().getErr();
    List<String> command =
        CommandWords.options(spec.commandLine().getParseResult(), Set.of("--nproc"));
    command.add("--nproc=1"); // whatever the environment says
    command.addAll(words);
    try (StopSignal signal = new StopSignal(() -> stopping.set(true))) {
      Optional<LocalJob.Failure> failure =
          new LocalJob(spec.commandLine().getOut(), err).run(processes, command);
      if (failure.isEmpty()) {
        return CommandLine.ExitCode.OK;
      }
      if (!stopping.get()) {
        err.printf(
            "scone: process %d of %d %s, and the others were stopped%s%n",
            failure.get().rank(),
            processes,
            failure.get(),
            failure.get().isSignal() && run.settings().isPresent()
                ? "; go on with%n  scone train --resume --nproc %d --out %s"
                    .formatted(processes, Steps.quoted(out.toString()))
                : "");
        err.flush();
      }
      return failure.get().isSignal() ? CommandLine.ExitCode.SOFTWARE : failure.get().exitCode();
    }
  }

  @SuppressWarnings("try") // the signal works by being open
  private int train(RunDirectory run, RunSettings settings, InitialModels initial, Peers peers)
      throws IOException {
    Progress progress = common.progress();
    RunFiles files = files(run, settings, peers, progress);
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
      boolean stopped = report.steps() < resolved.recipe().steps();
      if (peers.isFirst()) {
        if (stopped) {
          printStopped(report.steps(), resolved.recipe().steps());
        } else {
          print(report);
        }
      }
      return stopped ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }
  }

  /** Returns the settings: of a run that goes on, those it has are under the ones given. */
  private RunSettings settings(RunDirectory run) throws IOException {
    Optional<RunSettings> begun = resume ? run.settings() : Optional.empty();
    RunSettings settings = begun.orElseGet(RunSettings::defaults);
    List<String> overrides = new ArrayList<>();
    for (String word : words) {
      if (word.contains("=")) {
        overrides.add(word);
      } else {
        settings = settings.preset(word);
      }
    }
    if (common.config() != null) {
      settings = settings.file(common.config());
    }
    if (initFrom != null) {
      overrides.add("model.init_from=" + initFrom);
    }
    for (String override : overrides) {
      settings = settings.override(override);
    }
    return baseline ? settings.baseline() : settings;
  }

  /** Returns the files to train on: the first process makes them, and the others wait for it. */
  private RunFiles files(RunDirectory run, RunSettings settings, Peers peers, Progress progress)
      throws IOException {
    if (!peers.isFirst()) {
      return RunFiles.ofJson(peers.told());
    }
    int threads = settings.options().threads();
    try {
      RunFiles files =
          new DataPreparation(settings.data(), run.data(), threads, progress)
              .prepare(settings.isBaseline());
      peers.tell(files.toJson());
      return files;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void printStopped(long done, long steps) {
    PrintWriter err = spec.commandLine().getErr();
    err.printf(
        "scone: stopped after step %d of %d; go on with%n  scone train --resume --out %s%n",
        done, steps, Steps.quoted(out.toString()));
    err.flush(); // the process ends once the signal is let go
  }

  private void print(TrainingReport report) {
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
    common.console().result(result);
  }
}
