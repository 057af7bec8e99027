package io.scone.training;

import io.scone.distributed.Peers;
import io.scone.fgram.FgramIndex;
import io.scone.mining.FgramCounts;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The losses of predictions, summed by the length and the frequency of the f-gram that ends where
 * each is made. For use by one thread.
 */
final class MatchKinds {
  private static final int DIGITS = 20; // of the largest long, and 0

  private final FgramIndex fgrams;
  private final FgramCounts counts;
  private final long[] tokens;
  private final double[] withRows;
  private final double[] withoutRows;

  MatchKinds(FgramIndex fgrams, FgramCounts counts) {
    this.fgrams = fgrams;
    this.counts = counts;
    int kinds = (fgrams.maxNgram() + 1) * DIGITS;
    this.tokens = new long[kinds];
    this.withRows = new double[kinds];
    this.withoutRows = new double[kinds];
  }

  /**
   * Adds the predictions of windows.
   *
   * @param windows the tokens of each, of which the last is only predicted
   * @param with the loss of each prediction with the rows, one window after another
   * @param without the same with the rows switched off; null in a baseline
   */
  void add(List<int[]> windows, float[] with, float[] without) {
    int prediction = 0;
    for (int[] window : windows) {
      for (int i = 0; i < window.length - 1; i++) {
        int kind = kind(fgrams.longestMatch(window, 0, i));
        tokens[kind]++;
        withRows[kind] += with[prediction];
        withoutRows[kind] += without == null ? Double.NaN : without[prediction];
        prediction++;
      }
    }
  }

  /** Adds what the other processes of a job have measured. */
  void sum(Peers peers) {
    double[] allTokens = peers.sum(Arrays.stream(tokens).asDoubleStream().toArray());
    Arrays.setAll(tokens, kind -> (long) allTokens[kind]); // exact up to 2^53
    System.arraycopy(peers.sum(withRows), 0, withRows, 0, withRows.length);
    System.arraycopy(peers.sum(withoutRows), 0, withoutRows, 0, withoutRows.length);
  }

  /** Returns the kinds that occurred, shorter f-grams first and of those the rarer ones. */
  List<Validation.Slice> slices() {
    List<Validation.Slice> slices = new ArrayList<>();
    for (int kind = 0; kind < tokens.length; kind++) {
      if (tokens[kind] > 0) {
        int digits = kind % DIGITS;
        slices.add(
            new Validation.Slice(
                kind / DIGITS,
                digits == 0 ? 0 : Math.round(Math.pow(10, digits - 1)),
                tokens[kind],
                withRows[kind] / tokens[kind],
                Double.isNaN(withoutRows[kind]) ? null : withoutRows[kind] / tokens[kind]));
      }
    }
    return slices;
  }

  private int kind(long match) {
    return match == FgramIndex.NONE
        ? DIGITS
        : FgramIndex.length(match) * DIGITS + counts.digits(FgramIndex.ordinal(match));
  }
}
