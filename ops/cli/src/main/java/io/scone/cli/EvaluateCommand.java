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
import picocli.CommandLine.Option;

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

  @Mixin private CommonOptions common;
  @Mixin private ModelOptions options;

  @Option(
      names = "--corpus",
      required = true,
      paramLabel = "FILE",
      description = "The tokenized text (.tokens), which the model was not trained on.")
  private Path corpus;

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
    TokenCorpus tokens = TokenCorpus.open(corpus);
    if (!tokens.tokenizerFingerprint().equals(bundle.manifest().tokenizerFingerprint())) {
      throw new IOException(
          corpus
              + " was made with the tokenizer "
              + tokens.tokenizerFingerprint()
              + ", and the model's is "
              + bundle.manifest().tokenizerFingerprint()
              + "; tokenize the text with the bundle's tokenizer.json");
    }
    List<List<?>> results = new ArrayList<>();
    try (RowSource rows = options.openRows(bundle);
        MainModel model = MainModel.open(bundle, options.threads())) {
      if (!options.isTableOff()) {
        results.add(row("on", evaluate(model, rows, tokens)));
      }
      results.add(row("off", evaluate(model, RowSource.none(), tokens)));
    }
    common.console().table(COLUMNS, results);
    return 0;
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
