package io.scone.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** What is asked of the stores. */
public enum Workload {
  /** Consecutive windows of a text: the longest f-gram at each position. */
  TEXT,
  /** F-grams by name, each equally likely. */
  KEYS_UNIFORM,
  /** F-grams by name, a few of them most of the time. */
  KEYS_ZIPF;

  private static final double ZIPF_EXPONENT = 0.99;
  private static final int SAMPLES = 1 << 20;
  private static final long SEED = 1;

  /** Returns the name on the command line and in results, such as {@code keys-zipf}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** Returns its queries over some data, the same ones every time. */
  Source source(BenchmarkData data) {
    if (this == TEXT) {
      return new Text(data.text(), data.index().maxNgram());
    }
    int[][] fgrams = data.fgrams();
    int[][] samples = new int[SAMPLES][];
    if (this == KEYS_UNIFORM) {
      Random random = new Random(SEED);
      Arrays.setAll(samples, i -> fgrams[random.nextInt(fgrams.length)]);
    } else {
      Zipf zipf = new Zipf(fgrams.length, ZIPF_EXPONENT, SEED);
      Arrays.setAll(samples, i -> fgrams[zipf.next()]);
    }
    return new Samples(Arrays.asList(samples));
  }

  /** The queries of a workload: any stretch of an endless circle of positions. */
  interface Source {
    /** Returns the positions of the circle. */
    int size();

    /**
     * Returns the query for some positions.
     *
     * @param at the first, at most {@link #size} - {@code batch}
     */
    Query query(int at, int batch);
  }

  private static final class Text implements Source {
    private final int[] tokens;
    private final int maxNgram;

    Text(int[] tokens, int maxNgram) {
      this.tokens = tokens;
      this.maxNgram = maxNgram;
    }

    @Override
    public int size() {
      return tokens.length;
    }

    @Override
    public Query query(int at, int batch) {
      return new Query.Window(tokens, Math.max(0, at - maxNgram + 1), at, at + batch);
    }
  }

  private record Samples(List<int[]> fgrams) implements Source {
    @Override
    public int size() {
      return fgrams.size();
    }

    @Override
    public Query query(int at, int batch) {
      return new Query.Keys(fgrams.subList(at, at + batch));
    }
  }
}
