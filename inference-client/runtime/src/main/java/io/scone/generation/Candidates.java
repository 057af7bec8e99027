package io.scone.generation;

import java.util.Arrays;

/**
 * Tokens that may come next, with their logits: memory that is used again and again. They are
 * sorted after {@link #takeLikeliest} only. Not safe for use by more than one thread.
 */
final class Candidates {
  private static final int BUCKETS = 1024;

  /** So that the weights of the last bucket are below exp(-32). */
  private static final int BUCKETS_PER_UNIT = 32;

  private final double[] bucketWeights = new double[BUCKETS];

  /** Each token packed with its logit so that the likelier is the greater number: from..end. */
  private long[] packed = new long[0];

  private double[] weights = new double[0];
  private int from;
  private int end;

  /** Takes the tokens whose logits are at least {@code least}, in the order of tokens. */
  void take(float[] logits, double least) {
    reserve(logits.length);
    from = 0;
    end = 0;
    for (int token = 0; token < logits.length; token++) {
      if (logits[token] >= least) {
        packed[end++] = pack(logits[token], token);
      }
    }
  }

  /** Takes the {@code count} likeliest tokens that are not ruled out, the likeliest last. */
  void takeLikeliest(float[] logits, int count) {
    int room = (int) Math.min(logits.length, Math.max(64, 2L * count));
    reserve(room);
    float threshold = -Float.MAX_VALUE;
    int kept = 0;
    for (int token = 0; token < logits.length; token++) {
      if (logits[token] < threshold) {
        continue;
      }
      if (kept == room) { // as rarely as tokens come that are likelier than most before them
        Arrays.sort(packed, 0, kept);
        System.arraycopy(packed, kept - count, packed, 0, count);
        kept = count;
        threshold = logit(packed[0]);
      }
      packed[kept++] = pack(logits[token], token);
    }
    Arrays.sort(packed, 0, kept);
    end = kept;
    from = Math.max(0, kept - count);
  }

  /**
   * Takes the likeliest tokens until their share of all weights first reaches {@code p}. It looks
   * at each token twice and sorts few, however many there are.
   *
   * @param largest the largest logit
   */
  void takeNucleus(float[] logits, float largest, double temperature, double p) {
    reserve(logits.length);
    Arrays.fill(bucketWeights, 0);
    double inverse = 1 / temperature;
    double total = 0;
    for (float logit : logits) {
      double weight = Math.exp((logit - largest) * inverse);
      total += weight;
      bucketWeights[bucket(largest - logit, inverse)] += weight;
    }
    int last = 0; // the bucket in which the share is reached
    for (double sum = bucketWeights[0]; sum < p * total && last < BUCKETS - 1; ) {
      sum += bucketWeights[++last];
    }
    // Those of the last bucket in their order, and above them those of the buckets before.
    from = 0;
    end = 0;
    collect(logits, largest, inverse, last, last);
    Arrays.sort(packed, 0, end);
    collect(logits, largest, inverse, 0, last - 1);
    weigh(largest, temperature);
    int count = countTo(p * total);
    if (count > 0) {
      keep(count);
    }
  }

  private void collect(float[] logits, float largest, double inverse, int first, int last) {
    for (int token = 0; token < logits.length; token++) {
      int bucket = bucket(largest - logits[token], inverse);
      if (bucket >= first && bucket <= last && logits[token] >= -Float.MAX_VALUE) {
        packed[end++] = pack(logits[token], token);
      }
    }
  }

  /** Returns which bucket a logit falls into by how far it is below the largest. */
  private static int bucket(float below, double inverse) {
    return (int) Math.min(BUCKETS - 1, below * inverse * BUCKETS_PER_UNIT);
  }

  private void reserve(int size) {
    if (packed.length < size) {
      packed = new long[size];
      weights = new double[size];
    }
  }

  /** Returns how many tokens there are. */
  int size() {
    return end - from;
  }

  /** Returns a token by its rank, the likeliest being 0; they must be sorted. */
  int token(int rank) {
    return token(packed[end - 1 - rank]);
  }

  /** Returns a token's logit by its rank, the likeliest being 0; they must be sorted. */
  float logit(int rank) {
    return logit(packed[end - 1 - rank]);
  }

  /** Drops all but the last {@code count}, the likeliest where they are sorted. */
  void keep(int count) {
    from = Math.max(from, end - count);
  }

  /** Drops those whose logit is below {@code least}. */
  void drop(double least) {
    int kept = end;
    for (int i = end - 1; i >= from; i--) {
      if (logit(packed[i]) >= least) {
        packed[--kept] = packed[i];
      }
    }
    from = kept;
  }

  /**
   * Weighs each token with what its probability is proportional to.
   *
   * @param largest the largest logit, whose weight is 1
   * @return the sum of all weights
   */
  double weigh(float largest, double temperature) {
    double inverse = 1 / temperature;
    double total = 0;
    for (int i = end - 1; i >= from; i--) {
      weights[i] = Math.exp((logit(packed[i]) - largest) * inverse);
      total += weights[i];
    }
    return total;
  }

  /** Returns how many, from the end, have weights that sum up to {@code sum}, or -1. */
  int countTo(double sum) {
    double left = sum;
    for (int i = end - 1; i >= from; i--) {
      left -= weights[i];
      if (left <= 0) {
        return end - i;
      }
    }
    return -1;
  }

  /** Returns the token at a point of the line on which the weights lie side by side. */
  int at(double point) {
    double left = point;
    int chosen = end - 1;
    while (chosen > from && (left -= weights[chosen]) >= 0) {
      chosen--;
    }
    return token(packed[chosen]);
  }

  /** Adds each token's weight, divided by {@code total}, at its place. */
  void addTo(double[] probabilities, double total) {
    for (int i = from; i < end; i++) {
      probabilities[token(packed[i])] += weights[i] / total;
    }
  }

  private static long pack(float logit, int token) {
    return (long) sortable(Float.floatToRawIntBits(logit)) << Integer.SIZE | (~token & 0xffffffffL);
  }

  private static float logit(long candidate) {
    return Float.intBitsToFloat(sortable((int) (candidate >> Integer.SIZE)));
  }

  private static int token(long candidate) {
    return ~(int) candidate;
  }

  /** Makes a float's bits sort as the float does, or turns them back. */
  private static int sortable(int bits) {
    return bits ^ ((bits >> 31) & Integer.MAX_VALUE); // negative ones count the other way
  }
}
