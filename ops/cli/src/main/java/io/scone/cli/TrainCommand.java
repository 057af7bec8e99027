package io.scone.cli;

import io.scone.distributed.Peers;
import io.scone.distributed.Rendezvous;
import io.scone.run.Combination;
import io.scone.run.InitialModels;
import io.scone.run.Presets;
import io.scone.run.RunDirectory;
import io.scone.run.RunSettings;
import io.scone.training.Trainer;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Help.Visibility;
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
      showDefaultValue = Visibility.NEVER,
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

  @Option(
      names = "--multirun",
      description = {
        "Train once for each combination of values, where settings (data.max_n=3,4) or the preset"
            + " have several: each in a directory of its own in --out, one after another. What came"
            + " of them is printed at the end. With --resume, complete ones are left as they are."
      })
  private boolean multirun;

  /** The presets, for the help. */
  private static final class PresetNames extends ArrayList<String> {
    private static final long serialVersionUID = 1;

    PresetNames() {
      super(Presets.names());
    }
  }

  @Override
  public Integer call() throws IOException {
    return multirun ? trainAll() : train(new RunDirectory(out));
  }

  private int trainAll() throws IOException {
    List<MultiRun.Planned> runs;
    try {
      check(Rendezvous.of(System.getenv()));
      runs = runs();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    return new MultiRun(common.console(), spec.commandLine().getErr()).run(runs);
  }

  private int train(RunDirectory run) throws IOException {
    Rendezvous place;
    RunSettings settings;
    InitialModels initial;
    try {
      place = Rendezvous.of(System.getenv());
      initial = InitialModels.open(settings(run, words), run, resume);
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
      return new TrainingRun(run, resume, common, spec.commandLine())
          .train(settings, initial, peers);
    }
  }

  private void check(Rendezvous place) {
    if (processes < 1) {
      throw new IllegalArgumentException("--nproc is " + processes + ", not positive");
    }
    if ((multirun || processes > 1) && place.size() > 1) {
      throw new IllegalArgumentException(
          "--nproc and --multirun start processes, and a launcher has started this one as one of "
              + place.size());
    }
    if (multirun && common.printConfig()) {
      throw new IllegalArgumentException("--print-config is for one run: leave out --multirun");
    }
  }

  /** Returns the runs that were asked for. They share what is made of their text. */
  private List<MultiRun.Planned> runs() throws IOException {
    List<String> options =
        CommandWords.options(
            spec.commandLine().getParseResult(), Set.of("--multirun", "--out", "--json"));
    List<MultiRun.Planned> runs = new ArrayList<>();
    for (Combination combination : Combination.of(words)) {
      RunDirectory run = new RunDirectory(out.resolve(combination.name()));
      List<String> own = new ArrayList<>(combination.words());
      if (settings(run, own).data().directory() == null) {
        own.add("data.directory=" + out.resolve("data"));
      }
      RunSettings settings = InitialModels.open(settings(run, own), run, resume).fitted();
      settings.check(processes);
      List<String> command = new ArrayList<>(options);
      command.add("--out=" + run.path());
      command.addAll(own);
      boolean isComplete = resume && run.isComplete(settings);
      runs.add(new MultiRun.Planned(combination.name(), run, command, isComplete));
    }
    return runs;
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

  /** Returns the settings: of a run that goes on, those it has are under the ones given. */
  private RunSettings settings(RunDirectory run, List<String> words) throws IOException {
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
}
