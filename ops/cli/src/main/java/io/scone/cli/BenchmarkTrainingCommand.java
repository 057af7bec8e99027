package io.scone.cli;

import static io.scone.cli.TextTable.number;

import io.scone.bench.DataConfig;
import io.scone.bench.TrainingBenchmark;
import io.scone.bench.TrainingBenchmarkConfig;
import io.scone.bench.TrainingResults;
import io.scone.training.ComputeDevice;
import io.scone.training.RunOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone benchmark training}. */
@Command(
    name = "training",
    description = {
      "Measures the training of a main model alone and with f-gram models, in turn, over real text:"
          + " tokens a second, arithmetic, memory, and the time of each stage of a step.",
      "A step's stages are timed in steps of their own, with a wait for the device after each."
    })
final class BenchmarkTrainingCommand implements Callable<Integer> {
  private static final double GIB = 1 << 30;

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private BenchmarkModelOptions model;

  @Option(
      names = "--context",
      paramLabel = "T",
      defaultValue = "1024",
      description = "Tokens of a window.")
  private int context;

  @Option(
      names = "--fgram-layers",
      paramLabel = "L",
      split = ",",
      defaultValue = "0,12",
      description =
          "The f-gram models' blocks: one system is measured for each, 0 is the main model alone.")
  private List<Integer> fgramLayers;

  @Option(
      names = "--batch",
      paramLabel = "B",
      defaultValue = "32",
      description = "Windows in one pass.")
  private int batch;

  @Option(
      names = "--accumulate",
      paramLabel = "N",
      defaultValue = "1",
      description = "Passes of one step.")
  private int accumulation;

  @Option(
      names = "--activation-checkpointing",
      description = "Compute each block's activations again for its gradients.")
  private boolean activationCheckpointing;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      description = "Where to compute: ${COMPLETION-CANDIDATES}.")
  private ComputeDevice device = RunOptions.DEFAULT.device();

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "20",
      description = "Steps of a round.")
  private int steps;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the results go. Default: training.json in the directory of --dir.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    DataConfig data;
    TrainingBenchmarkConfig config;
    try {
      config =
          new TrainingBenchmarkConfig(
              model.shape(),
              context,
              fgramLayers,
              batch,
              accumulation,
              RunOptions.DEFAULT
                  .on(device, model.threads())
                  .withActivationCheckpointing(activationCheckpointing),
              steps,
              model.rounds());
      data = model.data();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Path json = out == null ? model.text().directory().resolve("training.json") : out;
    Outputs.prepare(json);
    TrainingResults results =
        TrainingBenchmark.run(data, config, BenchmarkTextOptions.typed(spec), common.progress());
    results.write(json);
    print(results);
    return CommandLine.ExitCode.OK;
  }

  private void print(TrainingResults results) throws IOException {
    Console console = common.console();
    if (console.isJson()) {
      console.json(results.toJson());
      return;
    }
    List<String> columns =
        new ArrayList<>(
            List.of(
                "system",
                "weights",
                "tokens/s",
                "min",
                "max",
                "TFLOP/s",
                "peak GiB",
                "f-grams/step",
                "their tokens"));
    results.results().get(0).stageMs().keySet().forEach(stage -> columns.add(stage + " ms"));
    console.table(
        columns, results.results().stream().map(BenchmarkTrainingCommand::cells).toList());
  }

  private static List<String> cells(TrainingResults.Result result) {
    List<String> cells =
        new ArrayList<>(
            List.of(
                result.system(),
                String.format(
                    Locale.ROOT, "%,d", result.mainParameters() + result.fgramParameters()),
                number(result.tokensPerSecond(), 0),
                number(result.min(), 0),
                number(result.max(), 0),
                number(result.teraflopsPerSecond(), 2),
                result.peakBytes() == 0 ? "-" : number(result.peakBytes() / GIB, 2),
                number(result.fgramsPerStep(), 0),
                number(result.fgramTokensPerStep(), 0)));
    result.stageMs().values().forEach(milliseconds -> cells.add(number(milliseconds, 1)));
    return cells;
  }
}
