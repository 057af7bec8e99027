package io.scone.cli;

import io.scone.corpus.TokenCorpus;
import io.scone.mining.Coverage;
import io.scone.mining.FgramFile;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.mining.MiningReport;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scone mine}. */
@Command(
    name = "mine",
    description = {
      "Finds the f-grams of a corpus: its most frequent n-grams.",
      "The corpus is text, which is tokenized first, one .tokens file or a directory of them."
    })
final class MineCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private CorpusOptions corpus;
  @Mixin private FgramOptions fgrams;
  @Mixin private TokenizerOptions tokenizer;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "The file of f-grams to write, fgrams.bin by custom.")
  private Path out;

  @Override
  public Integer call() throws IOException {
    MiningOptions options = fgrams.mining(corpus.threads());
    long begun = System.nanoTime();
    Progress progress = common.progress();
    Outputs.prepare(out);
    Path directory = out.toAbsolutePath().getParent();
    try (TokenFiles files =
        new TokenFiles(
            spec.commandLine(), tokenizer.name(), corpus.threads(), directory, progress)) {
      TokenCorpus tokens = TokenCorpus.open(files.of(corpus.paths()));
      MiningReport report = FgramMiner.mine(tokens, options, out, progress);
      Coverage coverage =
          Coverage.of(tokens, FgramFile.open(out).index(), options.threads(), progress);
      print(tokens, options, report, coverage, Outputs.secondsSince(begun));
    }
    return 0;
  }

  private void print(
      TokenCorpus tokens,
      MiningOptions options,
      MiningReport report,
      Coverage coverage,
      double seconds) {
    List<String> columns = List.of("n", "counted", "frequent", "fgrams", "matches");
    List<List<Object>> rows = new ArrayList<>();
    for (MiningReport.Length length : report.lengths()) {
      rows.add(
          List.of(
              length.n(),
              length.counted(),
              length.frequent(),
              length.kept(),
              coverage.matches(length.n())));
    }
    double share = (double) coverage.matches() / Math.max(1, coverage.positions());
    Console console = common.console();
    if (console.isJson()) {
      Map<String, Object> result = new LinkedHashMap<>();
      result.put("fgrams_file", out.toString());
      result.put("fgrams", report.kept());
      result.put("tokens", tokens.tokenCount());
      result.put("documents", tokens.documentCount());
      result.put("min_count", options.minCount());
      result.put("min_documents", options.minDocuments());
      result.put("least_count", report.leastCount());
      result.put("coverage", share);
      result.put("mean_match_length", coverage.meanLength());
      result.put("seconds", seconds);
      result.put("lengths", Console.objects(columns, rows));
      console.json(result);
      return;
    }
    console.table(columns, rows);
    console.line(
        String.format(
            Locale.ROOT,
            "%,d f-grams of %,d tokens match %.1f %% of the positions, %.2f tokens long on average;"
                + " each occurs %,d times or more%s; %.1f s",
            report.kept(),
            tokens.tokenCount(),
            100 * share,
            coverage.meanLength(),
            report.leastCount(),
            options.minDocuments() == 1
                ? ""
                : String.format(
                    Locale.ROOT, " and in %,d documents or more", options.minDocuments()),
            seconds));
  }
}
