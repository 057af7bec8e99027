package io.scone.inference;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.Random;

/**
 * Chooses next tokens. Among equal logits the lower token counts as the likelier, so that choices
 * are the same everywhere. Not safe for use by more than one thread.
 */
final class Sampler {
  private final Sampling sampling;
  private final Random random;

  /** The tokens that may be chosen, packed with their logits by {@link #pack}: from..end. */
  private long[] candidates = new long[0];

  private int from;
  private int end;
  private float largest;

  Sampler(Sampling sampling) {
    this.sampling = sampling;
    this.random = new Random(sampling.seed());
  }

  /** Chooses a token by its logits, which are the buffer's remaining values. */
  int sample(FloatBuffer logits) {
    int likeliest = likeliest(logits);
    if (sampling.temperature() == 0) {
      return likeliest;
    }
    double left = select(logits) * random.nextDouble();
    int chosen = end - 1;
    while (chosen > from && (left -= weight(candidates[chosen])) >= 0) {
      chosen--;
    }
    return token(candidates[chosen]);
  }

  /** Returns each token's probability of being chosen by a random choice. */
  double[] distribution(FloatBuffer logits) {
    likeliest(logits);
    double total = select(logits);
    double[] probabilities = new double[logits.remaining()];
    for (int i = from; i < end; i++) {
      probabilities[token(candidates[i])] = weight(candidates[i]) / total;
    }
    return probabilities;
  }

  /** Returns the token of the largest logit, which is noted. */
  private int likeliest(FloatBuffer logits) {
    int start = logits.position();
    int best = start;
    for (int i = start; i < logits.limit(); i++) {
      float logit = logits.get(i);
      if (Float.isNaN(logit)) {
        throw new InferenceException("the model's logits are not numbers: its weights are damaged");
      }
      if (logit > logits.get(best)) {
        best = i;
      }
    }
    largest = logits.get(best);
    return best - start;
  }

  /** Leaves the tokens that may be chosen as candidates and returns the sum of their weights. */
  private double select(FloatBuffer logits) {
    int size = logits.remaining();
    if (candidates.length < size) {
      candidates = new long[size];
    }
    for (int token = 0; token < size; token++) {
      candidates[token] = pack(logits.get(logits.position() + token), token);
    }
    from = 0;
    end = size;
    if (sampling.topK() > 0) {
      keepLikeliest(sampling.topK());
    }
    if (sampling.topP() < 1) {
      keepNucleus(sampling.topP());
    }
    return totalWeight();
  }

  /** Keeps the {@code count} likeliest candidates. */
  private void keepLikeliest(int count) {
    long threshold = Long.MIN_VALUE;
    int kept = 0;
    for (int i = 0; i < end; i++) {
      if (candidates[i] < threshold) {
        continue;
      }
      candidates[kept++] = candidates[i];
      if (kept == 2L * count) {
        Arrays.sort(candidates, 0, kept);
        System.arraycopy(candidates, count, candidates, 0, count);
        kept = count;
        threshold = candidates[0];
      }
    }
    Arrays.sort(candidates, 0, kept);
    end = kept;
    from = Math.max(0, kept - count);
  }

  /** Keeps the likeliest candidates until their share of all weights first reaches {@code p}. */
  private void keepNucleus(double p) {
    double total = totalWeight();
    // All candidates below this bound have less than 1 - p together; few others are left to sort.
    double bound = (1 - p) * total / (end - from);
    int kept = from;
    for (int i = from; i < end; i++) {
      if (weight(candidates[i]) >= bound) {
        candidates[kept++] = candidates[i];
      }
    }
    end = kept;
    Arrays.sort(candidates, from, end);
    double sum = 0;
    int at = end;
    while (at > from && sum < p * total) {
      sum += weight(candidates[--at]);
    }
    from = at;
  }

  private double totalWeight() {
    double total = 0;
    for (int i = from; i < end; i++) {
      total += weight(candidates[i]);
    }
    return total;
  }

  /** Returns what a candidate's probability is proportional to. */
  private double weight(long candidate) {
    return Math.exp((logit(candidate) - largest) / sampling.temperature());
  }

  /** Packs a token and its logit so that the likelier is the greater number. */
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
