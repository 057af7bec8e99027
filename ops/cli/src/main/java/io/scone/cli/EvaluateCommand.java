package io.scone.cli;

import io.scone.corpus.TokenCorpus;
import io.scone.inference.Bundle;
import io.scone.inference.Evaluation;
import io.scone.inference.Evaluator;
import io.scone.inference.MainModel;
import io.scone.inference.RowSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scone evaluate}: how well a model predicts a text, with its rows and without. */
@Command(
    name = "evaluate",
    description = "Measures a model's perplexity on a text, with its rows and with its table off.")
final class EvaluateCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "rows",
          "tokens",
          "token_perplexity",
          "word_perplexity",
          "bits_per_byte",
          "match_rate",
          "mean_match_length");

  @Spec private CommandSpec spec;
  @Mixin private CommonOptions common;
  @Mixin private ModelOptions options;

  @Option(
      names = "--corpus",
      required = true,
      arity = "1..*",
      split = ",",
      paramLabel = "PATH",
      description = "Text that the model was not trained on, or a .tokens file made of it.")
  private List<Path> corpus;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = {
        "By how many tokens each window starts after the one before it; half the model's context"
            + " if not given. A smaller stride gives each prediction more context."
      })
  private Integer stride;

  @Override
  public Integer call() throws IOException {
    Bundle bundle = options.openBundle();
    List<List<?>> results = new ArrayList<>();
    try (TokenFiles files = tokenFiles(bundle);
        RowSource rows = options.openRows(bundle);
        MainModel model = options.openModel(bundle)) {
      TokenCorpus tokens = TokenCorpus.open(files.of(corpus));
      if (!options.isTableOff()) {
        results.add(row("on", evaluate(model, rows, tokens)));
      }
      results.add(row("off", evaluate(model, RowSource.none(), tokens)));
    }
    common.console().table(COLUMNS, results);
    return 0;
  }

  private TokenFiles tokenFiles(Bundle bundle) throws IOException {
    return new TokenFiles(
        spec.commandLine(),
        bundle.tokenizer().toString(),
        Runtime.getRuntime().availableProcessors(),
        Path.of(System.getProperty("java.io.tmpdir")),
        common.progress());
  }

  private Evaluation evaluate(MainModel model, RowSource rows, TokenCorpus tokens)
      throws IOException {
    int step = stride == null ? Math.max(1, model.shape().context() / 2) : stride;
    return new Evaluator(model, rows)
        .evaluate(
            tokens::read,
            tokens.tokenCount(),
            tokens.words(),
            tokens.utf8Bytes(),
            step,
            common.progress());
  }

  private static List<?> row(String rows, Evaluation evaluation) {
    return Arrays.asList(
        rows,
        evaluation.tokens(),
        evaluation.tokenPerplexity(),
        known(evaluation.wordPerplexity()),
        known(evaluation.bitsPerByte()),
        evaluation.matchRate(),
        known(evaluation.meanMatchLength()));
  }

  private static Double known(double value) {
    return Double.isNaN(value) ? null : value;
  }
}
