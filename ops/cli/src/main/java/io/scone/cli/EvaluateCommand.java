package io.scone.cli;

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
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code scone evaluate}: how well a model predicts a text, with its rows and without. */
@Command(
    name = "evaluate",
    description = {
      "Measures a model's perplexity on texts, with its rows and with its table off; a baseline's,"
          + " which has no rows, once.",
      "Texts are read in windows as long as the model's context, of which each but the first"
          + " predicts only what those before it did not."
    })
final class EvaluateCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of(
          "dataset",
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
      description = {
        "Text that the model was not trained on, or .tokens files made of it. Each PATH is a"
            + " dataset by itself; of several, all together are a result too."
      })
  private List<Path> corpora;

  @Option(
      names = "--documents",
      defaultValue = "joined",
      paramLabel = "HOW",
      description = {
        "'joined': a dataset's documents follow each other, an end-of-text token after each, which"
            + " is predicted too, and windows reach over it, as in training. 'apart': each"
            + " document is read on its own, after an end-of-text token, as lm-evaluation-harness"
            + " does."
      })
  private Documents documents;

  @Option(
      names = "--wikitext",
      description = {
        "The text is WikiText's: its words are put together as they were written before they are"
            + " tokenized, and counted as WikiText counts them, ends of lines included."
      })
  private boolean wikitext;

  @Option(
      names = "--stride",
      paramLabel = "N",
      description = {
        "By how many tokens each window starts after the one before it; half the model's context"
            + " if not given. A smaller stride gives each prediction more context."
      })
  private Integer stride;

  /** How the documents of a dataset are read. */
  private enum Documents {
    JOINED,
    APART;

    /** Returns the name used on the command line. */
    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws IOException {
    Bundle bundle = options.openBundle();
    List<List<?>> results = new ArrayList<>();
    try (TokenFiles files = tokenFiles(bundle);
        RowSource rows = options.openRows(bundle);
        MainModel model = options.openModel(bundle)) {
      List<EvaluatedCorpus> datasets = new ArrayList<>();
      for (Path path : corpora) {
        Path tokens = wikitext ? files.ofWikiText(path) : files.of(List.of(path));
        datasets.add(EvaluatedCorpus.open(path.toString(), tokens, documents == Documents.APART));
      }
      boolean baseline = !bundle.manifest().hasFgrams();
      String without = baseline ? "none" : "off";
      Evaluation on = null;
      Evaluation off = null;
      for (EvaluatedCorpus dataset : datasets) {
        if (!baseline && !options.isTableOff()) {
          on = add(on, dataset.name(), "on", evaluate(model, rows, dataset), results);
        }
        Evaluation bare = evaluate(model, RowSource.none(), dataset);
        off = add(off, dataset.name(), without, bare, results);
      }
      if (datasets.size() > 1) {
        if (on != null) {
          results.add(row("all", "on", on));
        }
        results.add(row("all", without, off));
      }
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

  private Evaluation evaluate(MainModel model, RowSource rows, EvaluatedCorpus dataset)
      throws IOException {
    int step = stride == null ? Math.max(1, model.shape().context() / 2) : stride;
    return dataset.evaluate(new Evaluator(model, rows), step, common.progress());
  }

  /** Adds a result and returns what it and the ones before it come to. */
  private static Evaluation add(
      Evaluation before, String name, String rows, Evaluation result, List<List<?>> results) {
    results.add(row(name, rows, result));
    return before == null ? result : before.plus(result);
  }

  private static List<?> row(String dataset, String rows, Evaluation evaluation) {
    return Arrays.asList(
        dataset,
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
