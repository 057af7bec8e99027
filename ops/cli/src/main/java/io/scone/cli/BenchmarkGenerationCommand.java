package io.scone.cli;

import static io.scone.cli.TextTable.number;

import io.scone.bench.DataConfig;
import io.scone.bench.GenerationBenchmark;
import io.scone.bench.GenerationConfig;
import io.scone.bench.GenerationResults;
import io.scone.bench.RowPath;
import io.scone.inference.Device;
import io.scone.manifest.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone benchmark generation}. */
@Command(
    name = "generation",
    description = {
      "Measures generation with rows of a cache server on this machine beside the same graph without"
          + " any, in turn: steps of decoding over real text, and the reading of a prompt.",
      "The model's weights and its rows are random: how fast they are is not."
    })
final class BenchmarkGenerationCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private BenchmarkModelOptions model;

  @Option(
      names = "--dtype",
      paramLabel = "TYPE",
      defaultValue = "f16",
      converter = PrecisionConverter.class,
      description = "What the main model computes in, as of `scone export`.")
  private Precision precision;

  @Option(
      names = "--device",
      paramLabel = "DEVICE",
      defaultValue = "auto",
      description = "Where the main model runs, as of `scone generate`.")
  private String device;

  @Option(
      names = "--systems",
      paramLabel = "NAME",
      split = ",",
      defaultValue = "served,none",
      description =
          "What to measure: ${COMPLETION-CANDIDATES}. served has rows of a cache server, none has no"
              + " rows, host-cache has none and keeps keys and values in the host's memory.")
  private List<RowPath> systems;

  @Option(
      names = "--batches",
      paramLabel = "N",
      split = ",",
      defaultValue = "1,32",
      description = "Sequences read side by side.")
  private List<Integer> batches;

  @Option(
      names = "--steps",
      paramLabel = "N",
      defaultValue = "1000",
      description = "Tokens that each sequence reads in a round.")
  private int steps;

  @Option(
      names = "--prompt-tokens",
      paramLabel = "N",
      defaultValue = "1024",
      description = "The length of the prompt that is read.")
  private int prompt;

  @Option(
      names = "--chunk",
      paramLabel = "N",
      defaultValue = "256",
      description = "Tokens of the parts in which it is read.")
  private int chunk;

  @Option(
      names = "--row-cache",
      paramLabel = "SIZE",
      description = "Keep rows that the server sent, up to this much memory; 0 for none.")
  private MemorySize rowCache = new MemorySize(0);

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the results go. Default: generation.json in the directory of --dir.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    GenerationConfig config;
    DataConfig data;
    try {
      config =
          new GenerationConfig(
              model.shape(),
              precision,
              Device.of(device, precision.activations()),
              model.threads(),
              systems,
              batches,
              steps,
              model.rounds(),
              prompt,
              chunk,
              rowCache.bytes());
      data = model.data();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
    Path json = out == null ? model.text().directory().resolve("generation.json") : out;
    Outputs.prepare(json);
    GenerationResults results =
        GenerationBenchmark.run(
            data,
            config,
            model.text().launcher(),
            BenchmarkTextOptions.typed(spec),
            common.progress());
    results.write(json);
    print(results);
    return CommandLine.ExitCode.OK;
  }

  private void print(GenerationResults results) throws IOException {
    Console console = common.console();
    if (console.isJson()) {
      console.json(results.toJson());
      return;
    }
    console.table(
        List.of(
            "rows",
            "batch",
            "step p50 us",
            "min",
            "max",
            "p99 us",
            "tokens/s",
            "matched %",
            "waited %",
            "wait us",
            "prefetched %",
            "cached %"),
        results.results().stream().map(BenchmarkGenerationCommand::cells).toList());
    console.line("");
    console.table(
        List.of("rows", "prompt tokens", "read ms", "min", "max"),
        results.prompts().stream()
            .map(
                each ->
                    List.of(
                        each.system(),
                        Integer.toString(each.tokens()),
                        number(each.medianMs(), 2),
                        number(each.minMs(), 2),
                        number(each.maxMs(), 2)))
            .toList());
    console.line("");
    console.table(
        List.of("part", "tokens", "asked us", "model free us", "rows there us", "read us"),
        IntStream.range(0, results.timeline().size())
            .mapToObj(i -> cells(i, results.timeline().get(i)))
            .toList());
  }

  private static List<String> cells(GenerationResults.Result result) {
    return List.of(
        result.system(),
        Integer.toString(result.batch()),
        number(result.p50Us(), 1),
        number(result.p50UsMin(), 1),
        number(result.p50UsMax(), 1),
        number(result.p99Us(), 1),
        number(result.tokensPerSecond(), 0),
        number(100 * result.matchedShare(), 1),
        number(100 * result.stepsWaited(), 1),
        number(result.waitUs(), 1),
        number(100 * result.prefetchHitRate(), 1),
        number(100 * result.cacheHitRate(), 1));
  }

  private static List<String> cells(int number, GenerationResults.Part part) {
    return List.of(
        Integer.toString(number + 1),
        Integer.toString(part.tokens()),
        number(part.askedUs(), 0),
        number(part.freeUs(), 0),
        number(part.rowsUs(), 0),
        number(part.doneUs(), 0));
  }
}
