package io.scone.training;

import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.progress.Progress;
import java.io.IOException;
import java.util.stream.IntStream;

/** Measures a model on a text, in windows of its context that do not overlap. */
final class Validator {
  private final SconeModel model;
  private final Windows windows;
  private final Windows windowsWithoutRows;
  private final int batch;
  private final int count;
  private final boolean baseline;

  /**
   * Matches the text's f-grams.
   *
   * @param fgrams the f-grams, or null in a baseline
   * @param batch the windows of one pass
   * @param maxTokens the most tokens to predict, but at least a window
   */
  Validator(
      SconeModel model,
      TokenCorpus text,
      FgramIndex fgrams,
      int context,
      int batch,
      long maxTokens,
      Progress progress)
      throws IOException {
    this.model = model;
    this.baseline = fgrams == null;
    this.windowsWithoutRows = new Windows(text, MatchLengths.NONE, context);
    this.windows =
        baseline
            ? windowsWithoutRows
            : new Windows(text, MatchLengths.of(text, fgrams, progress), context);
    this.batch = batch;
    this.count = (int) Math.min(windows.count(), Math.max(1, maxTokens / context));
  }

  /** Runs the model over the text. */
  Validation run(Progress progress) {
    progress.begin("validate", tokens() * (baseline ? 1 : 2), "tokens");
    double perplexity = perplexity(windows, progress);
    Double withoutRows = baseline ? null : (Double) perplexity(windowsWithoutRows, progress);
    progress.end();
    return new Validation(tokens(), perplexity, withoutRows);
  }

  private long tokens() {
    return count == windows.count() ? windows.targets() : (long) count * windows.context();
  }

  private double perplexity(Windows text, Progress progress) {
    double sum = 0;
    for (int i = 0; i < count; i += batch) {
      sum += loss(text.batch(IntStream.range(i, Math.min(count, i + batch)).toArray()), progress);
    }
    if (count == text.count() && text.restLength() > 0) {
      sum += loss(text.rest(), progress);
    }
    return Math.exp(sum / tokens());
  }

  /** Returns the sum of a batch's losses. */
  private double loss(TrainingBatch targets, Progress progress) {
    float mean = Torch.scoped(() -> Torch.withoutGradients(() -> model.loss(targets).item_float()));
    progress.advance(targets.windows().tokens());
    return (double) mean * targets.windows().tokens();
  }
}
