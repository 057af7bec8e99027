package io.scone.cli;

import io.scone.progress.Progress;
import io.scone.training.ComputeDevice;
import io.scone.training.ModelConfig;
import io.scone.training.RunOptions;
import io.scone.training.Trainer;
import io.scone.training.TrainingConfig;
import io.scone.training.TrainingData;
import io.scone.training.TrainingReport;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone train}. */
@Command(
    name = "train",
    description = {
      "Trains a main model together with its f-gram model, or without one as a baseline.",
      "The run's directory gets checkpoints and a log, log.jsonl. A run that was ended early goes on"
          + " from its last checkpoint with --resume."
    })
final class TrainCommand implements Callable<Integer> {
  /** The width of an attention head, unless told otherwise. */
  private static final int HEAD_DIM = 64;

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private CorpusOptions corpus;

  @Option(
      names = "--tokenizer",
      paramLabel = "TOKENIZER",
      description = "A tokenizer.json, or gpt2. Not needed for .tokens files.")
  private String tokenizer;

  @Option(
      names = "--validation",
      arity = "1..*",
      split = ",",
      paramLabel = "PATH",
      description =
          "Text or a .tokens file that is not trained on, to measure the model's perplexity.")
  private List<Path> validation;

  @ArgGroup(multiplicity = "1")
  private Inputs inputs;

  /** What the main model reads beside tokens. */
  private static final class Inputs {
    @Option(
        names = "--fgrams",
        paramLabel = "FILE",
        description = "The f-grams, mined from the same corpus (fgrams.bin).")
    private Path fgrams;

    @Option(
        names = "--baseline",
        description = "Train the same main model without f-grams, to compare with.")
    private boolean baseline;
  }

  @Option(
      names = "--out",
      required = true,
      paramLabel = "DIR",
      description = "The run's directory.")
  private Path out;

  @Option(names = "--resume", description = "Go on from the run's last checkpoint, if it has one.")
  private boolean resume;

  @Option(
      names = "--dim",
      paramLabel = "D",
      defaultValue = "128",
      description = "Width of both models.")
  private int dim;

  @Option(
      names = "--layers",
      paramLabel = "L",
      defaultValue = "4",
      description = "Transformer blocks of the main model.")
  private int layers;

  @Option(
      names = "--heads",
      paramLabel = "H",
      description = "Attention heads of both models. Default: one for every 64 of --dim.")
  private Integer heads;

  @Option(
      names = "--context",
      paramLabel = "T",
      defaultValue = "128",
      description = "The longest sequence, in tokens; training reads windows of it.")
  private int context;

  @Option(
      names = "--fgram-layers",
      paramLabel = "L",
      defaultValue = "2",
      description = "Transformer blocks of the f-gram model.")
  private int fgramLayers;

  @Option(
      names = "--steps",
      paramLabel = "N",
      description = "Updates of the weights. Default: as many as --epochs take.")
  private Long steps;

  @Option(
      names = "--epochs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Passes over the corpus, where --steps is not given.")
  private double epochs;

  @Option(names = "--batch", paramLabel = "B", description = "Windows in one pass.")
  private int batch = TrainingConfig.DEFAULT.batch();

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      description = "Passes whose gradients are averaged into one update.")
  private int accumulation = TrainingConfig.DEFAULT.accumulation();

  @Option(
      names = "--learning-rate",
      paramLabel = "RATE",
      description = "The learning rate at its peak; it falls to a tenth along a cosine.")
  private double learningRate = TrainingConfig.DEFAULT.learningRate();

  @Option(
      names = "--warmup",
      paramLabel = "N",
      description =
          "Steps in which the learning rate rises from zero. Default: a tenth of all, at most 1000.")
  private Long warmup;

  @Option(
      names = "--weight-decay",
      paramLabel = "SHARE",
      description = "AdamW's decay of matrices.")
  private double weightDecay = TrainingConfig.DEFAULT.weightDecay();

  @Option(
      names = "--gradient-norm",
      paramLabel = "NORM",
      description = "Scale gradients down to this norm.")
  private double gradientNorm = TrainingConfig.DEFAULT.gradientNorm();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Determines the first weights and the order of the windows.")
  private long seed = TrainingConfig.DEFAULT.seed();

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Where to compute: ${COMPLETION-CANDIDATES}.")
  private ComputeDevice device = RunOptions.DEFAULT.device();

  @Option(
      names = "--log-every",
      paramLabel = "STEPS",
      description = "Steps between entries of the log.")
  private int logInterval = RunOptions.DEFAULT.logInterval();

  @Option(
      names = "--validate-every",
      paramLabel = "STEPS",
      description = "Steps between validations; 0 for one at the end only.")
  private int validationInterval = RunOptions.DEFAULT.validationInterval();

  @Option(
      names = "--validation-tokens",
      paramLabel = "N",
      description = "The most tokens of the validation text to read.")
  private long validationTokens = RunOptions.DEFAULT.validationTokens();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "STEPS",
      description = "Steps between checkpoints; 0 for one at the end only.")
  private int checkpointInterval = RunOptions.DEFAULT.checkpointInterval();

  @Option(names = "--keep", paramLabel = "N", description = "The latest checkpoints to keep.")
  private int keptCheckpoints = RunOptions.DEFAULT.keptCheckpoints();

  @Override
  @SuppressWarnings("try") // the signal works by being open
  public Integer call() throws IOException {
    Outputs.prepare(out);
    Progress progress = common.progress();
    TrainingData data = data(progress);
    ModelConfig model;
    TrainingConfig recipe;
    RunOptions options;
    try {
      model = model(data);
      recipe = recipe(data);
      options = options();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    try (Trainer trainer = Trainer.open(out, model, recipe, data, options, resume);
        StopSignal signal = new StopSignal(trainer::stop)) {
      TrainingReport report = trainer.train(progress);
      if (report.steps() < recipe.steps()) {
        PrintWriter err = spec.commandLine().getErr();
        err.printf(
            "scone: stopped after step %d of %d; --resume goes on from there%n",
            report.steps(), recipe.steps());
        err.flush(); // the process ends once the signal is let go
        return CommandLine.ExitCode.SOFTWARE;
      }
      print(report);
    }
    return CommandLine.ExitCode.OK;
  }

  private TrainingData data(Progress progress) throws IOException {
    Path directory = out.toAbsolutePath().getParent();
    try (TokenFiles files =
        new TokenFiles(spec.commandLine(), tokenizer, corpus.threads(), directory, progress)) {
      return TrainingData.open(
          files.of(corpus.paths()),
          validation == null ? null : files.of(validation),
          inputs.fgrams);
    }
  }

  private ModelConfig model(TrainingData data) {
    int wantedHeads = heads == null ? Math.max(1, dim / HEAD_DIM) : heads;
    return new ModelConfig(
        new ModelConfig.Main(data.corpus().vocabularySize(), context, dim, layers, wantedHeads),
        inputs.baseline
            ? null
            : new ModelConfig.Fgram(data.fgrams().maxNgram(), fgramLayers, wantedHeads));
  }

  private TrainingConfig recipe(TrainingData data) {
    long epoch = data.stepsPerEpoch(context, batch, accumulation);
    long wantedSteps = steps == null ? Math.max(1, Math.round(epochs * epoch)) : steps;
    return new TrainingConfig(
        wantedSteps,
        batch,
        accumulation,
        learningRate,
        warmup == null ? Math.min(1000, wantedSteps / 10) : warmup,
        weightDecay,
        gradientNorm,
        seed,
        TrainingConfig.DEFAULT.fgramLearningRate(),
        TrainingConfig.DEFAULT.fgramWeightDecay(),
        TrainingConfig.DEFAULT.fgramDropout(),
        TrainingConfig.DEFAULT.fgramGain());
  }

  private RunOptions options() {
    return new RunOptions(
        device,
        corpus.threads(),
        logInterval,
        validationInterval,
        validationTokens,
        checkpointInterval,
        keptCheckpoints);
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
