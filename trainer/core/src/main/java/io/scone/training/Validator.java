package io.scone.training;

import io.scone.distributed.Peers;
import io.scone.fgram.FgramIndex;
import io.scone.mining.FgramCounts;
import io.scone.progress.Progress;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/**
 * Measures a model on a text, in windows of its context that do not overlap. The processes of a job
 * share the windows, and all of them get the result.
 */
final class Validator {
  private final SconeModel model;
  private final Windows windows;
  private final Windows windowsWithoutRows;
  private final FgramIndex fgrams;
  private final FgramCounts counts;
  private final int batch;
  private final int count;
  private final Peers peers;

  /**
   * Makes a measure.
   *
   * @param windows the text, matched; not matched in a baseline
   * @param fgrams the f-grams to part the predictions by, or null
   * @param counts how often they occur in the training corpus, or null
   * @param batch the windows of one pass
   * @param maxTokens the most tokens to predict, but at least a window
   * @param peers the processes that share the work
   */
  Validator(
      SconeModel model,
      Windows windows,
      FgramIndex fgrams,
      FgramCounts counts,
      int batch,
      long maxTokens,
      Peers peers) {
    this.model = model;
    this.windows = windows;
    this.windowsWithoutRows = windows.withoutMatches();
    this.fgrams = fgrams;
    this.counts = counts;
    this.batch = batch;
    this.peers = peers;
    this.count = (int) Math.min(windows.count(), Math.max(1, maxTokens / windows.context()));
  }

  /** Runs the model over the text, or over as much of its beginning as is to be read. */
  Validation run(Progress progress) {
    long passes = windows.isMatched() ? 2 : 1;
    progress.begin("validate", passes * tokens() / peers.size(), "tokens");
    Sums sums = new Sums();
    for (int i = peers.rank() * batch; i < count; i += peers.size() * batch) {
      sums.add(IntStream.range(i, Math.min(count, i + batch)).toArray(), progress);
    }
    if (peers.isFirst() && isWhole() && windows.restLength() > 0) {
      sums.add(new int[] {count}, progress);
    }
    progress.end();
    return sums.validation();
  }

  /** Says whether all of the text is read, and with it what is left after the last window. */
  private boolean isWhole() {
    return count == windows.count();
  }

  private long tokens() {
    return isWhole() ? windows.targets() : (long) count * windows.context();
  }

  /** Returns the loss of each prediction of a batch. */
  private float[] losses(TrainingBatch batch, Progress progress) {
    float[] losses =
        Torch.scoped(
            () ->
                Torch.withoutGradients(
                    () -> {
                      Tensor each = model.losses(batch); // [B*T]
                      return Torch.floats(each);
                    }));
    progress.advance(losses.length);
    return losses;
  }

  /** The losses so far. */
  private final class Sums {
    private final MatchKinds kinds = fgrams == null ? null : new MatchKinds(fgrams, counts);
    private double withRows;
    private double withoutRows;

    /** Adds windows of these numbers; that after the last whole one is the rest. */
    void add(int[] numbers, Progress progress) {
      float[] with = losses(windows.batch(numbers), progress);
      withRows += sum(with);
      float[] without = null;
      if (windows.isMatched()) {
        without = losses(windowsWithoutRows.batch(numbers), progress);
        withoutRows += sum(without);
      }
      if (kinds != null) {
        kinds.add(IntStream.of(numbers).mapToObj(windows::tokens).toList(), with, without);
      }
    }

    Validation validation() {
      double[] all = peers.sum(withRows, withoutRows);
      if (kinds != null) {
        kinds.sum(peers);
      }
      return new Validation(
          tokens(),
          Math.exp(all[0] / tokens()),
          windows.isMatched() ? (Double) Math.exp(all[1] / tokens()) : null,
          kinds == null ? List.of() : kinds.slices());
    }

    private static double sum(float[] values) {
      double sum = 0;
      for (float value : values) {
        sum += value;
      }
      return sum;
    }
  }
}
