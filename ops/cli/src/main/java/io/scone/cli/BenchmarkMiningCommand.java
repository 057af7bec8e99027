package io.scone.cli;

import static io.scone.cli.TextTable.number;

import io.scone.bench.MiningBenchmark;
import io.scone.bench.MiningBenchmarkConfig;
import io.scone.bench.MiningResults;
import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code scone benchmark mining}. */
@Command(
    name = "mining",
    description = {
      "Measures mining at several sizes: tokens a second, memory, and the time of each stage.",
      "A size smaller than the corpus is a sample of its documents; a larger one repeats it, in each"
          + " copy with other words but for the most frequent. Each is mined in a process of its own"
          + " with as much Java heap as this one."
    })
final class BenchmarkMiningCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "tokens",
          "seconds",
          "tokens/s",
          "of linear",
          "anonymous MiB",
          "mapped MiB",
          "temporary MiB");

  private static final List<String> LENGTHS =
      List.of("tokens", "n", "counted", "frequent", "f-grams");

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private CorpusOptions corpus;
  @Mixin private FgramOptions fgrams;
  @Mixin private TokenizerOptions tokenizer;

  @Option(
      names = "--dir",
      paramLabel = "DIR",
      defaultValue = "benchmark",
      description =
          "Where corpora are made, and temporary files go; one corpus at a time is there.")
  private Path directory;

  @Option(
      names = "--sizes",
      paramLabel = "TOKENS",
      split = ",",
      defaultValue = "10M,100M",
      description = "The tokens to mine, such as 1B.")
  private List<TokenCount> sizes;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "Where the results go. Default: mining.json in the directory of --dir.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    MiningBenchmarkConfig config = config();
    Progress progress = common.progress();
    Path json = out == null ? directory.resolve("mining.json") : out;
    Outputs.prepare(json);
    Files.createDirectories(directory);
    try (TokenFiles files =
        new TokenFiles(
            spec.commandLine(), tokenizer.name(), corpus.threads(), directory, progress)) {
      TokenCorpus tokens = TokenCorpus.open(files.of(corpus.paths()));
      MiningResults results =
          MiningBenchmark.run(tokens, config, BenchmarkTextOptions.typed(spec), progress);
      results.write(json);
      print(results);
    }
    return CommandLine.ExitCode.OK;
  }

  private MiningBenchmarkConfig config() {
    try {
      return new MiningBenchmarkConfig(
          directory,
          sizes.stream().map(TokenCount::tokens).toList(),
          fgrams.mining(corpus.threads()));
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private void print(MiningResults results) throws IOException {
    Console console = common.console();
    if (console.isJson()) {
      console.json(results.toJson());
      return;
    }
    MiningResults.Result first = results.results().get(0);
    console.table(COLUMNS, results.results().stream().map(result -> cells(result, first)).toList());
    console.line("");
    console.table(
        LENGTHS, results.results().stream().flatMap(BenchmarkMiningCommand::lengths).toList());
    console.line("");
    List<String> sizes = new ArrayList<>(List.of("seconds"));
    Set<String> stages = new LinkedHashSet<>();
    for (MiningResults.Result result : results.results()) {
      sizes.add(number(result.tokens()));
      stages.addAll(result.stageSeconds().keySet());
    }
    console.table(sizes, stages.stream().map(stage -> cells(stage, results.results())).toList());
  }

  private static List<String> cells(MiningResults.Result result, MiningResults.Result first) {
    return List.of(
        number(result.tokens()),
        number(result.seconds(), 1),
        number(result.tokensPerSecond(), 0),
        number(result.costOver(first), 2),
        number(result.peakAnonymousMib(), 0),
        number(result.peakMappedMib(), 0),
        number(result.temporaryMib(), 0));
  }

  private static List<String> cells(String stage, List<MiningResults.Result> results) {
    List<String> cells = new ArrayList<>(List.of(stage));
    for (MiningResults.Result result : results) {
      Double seconds = result.stageSeconds().get(stage);
      cells.add(seconds == null ? "-" : number(seconds, 1));
    }
    return cells;
  }

  private static Stream<List<String>> lengths(MiningResults.Result result) {
    return result.lengths().stream()
        .map(
            length ->
                List.of(
                    number(result.tokens()),
                    number(length.n()),
                    number(length.counted()),
                    number(length.frequent()),
                    number(length.kept())));
  }
}
