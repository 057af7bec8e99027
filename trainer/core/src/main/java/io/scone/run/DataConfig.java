package io.scone.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * What a run is trained on: the section `data` of its settings.
 *
 * @param corpus the text to learn: files and directories, or one `.tokens` file
 * @param tokenizer a tokenizer.json, or gpt2; null where the corpus is a `.tokens` file
 * @param validation text that is not trained on, to measure the model on; may be empty
 * @param fgrams an `fgrams.bin` mined from the corpus; null to mine it with what follows
 * @param maxN K, the most tokens in an f-gram
 * @param maxFgrams the most f-grams to keep
 * @param minCount n-grams that occur less often are no f-grams
 * @param minDocuments n-grams that occur in fewer documents are no f-grams
 * @param epochs passes over the corpus, where the recipe does not say how many steps
 * @param directory where files go that are made of text, which runs may share; null for `data` in
 *     the run's own
 */
public record DataConfig(
    List<String> corpus,
    String tokenizer,
    List<String> validation,
    String fgrams,
    int maxN,
    int maxFgrams,
    long minCount,
    int minDocuments,
    double epochs,
    String directory) {
  /** No text yet; up to a million f-grams of up to 5 tokens, one pass. */
  public static final DataConfig DEFAULT =
      new DataConfig(List.of(), null, List.of(), null, 5, 1_000_000, 5, 1, 1, null);

  /** Checks that the fields are in bounds. */
  public DataConfig {
    corpus = List.copyOf(corpus);
    validation = List.copyOf(validation);
    check(maxN >= 2 && maxN <= 255, "the longest f-gram (max_n) has %s tokens, not 2..255", maxN);
    check(maxFgrams >= 1, "the most f-grams (max_fgrams) are %s, not positive", maxFgrams);
    check(minCount >= 1, "the least count (min_count) is %s, not positive", minCount);
    check(
        minDocuments >= 1,
        "the least number of documents (min_documents) is %s, not positive",
        minDocuments);
    check(epochs > 0, "epochs is %s, not positive", epochs);
  }

  /** Returns the paths of the corpus. */
  List<Path> corpusPaths() {
    return corpus.stream().map(Path::of).toList();
  }

  /** Returns the paths of the validation text. */
  List<Path> validationPaths() {
    return validation.stream().map(Path::of).toList();
  }

  private static void check(boolean condition, String format, Object value) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, value));
    }
  }
}
