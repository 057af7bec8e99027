package io.scone.generation;

import java.util.SplittableRandom;

/**
 * Chooses next tokens by temperature, top-k, top-p and min-p. Not safe for use by more than one
 * thread.
 */
final class Sampler {
  private final Sampling sampling;
  private final SplittableRandom random;

  /**
   * Makes a sampler.
   *
   * @param random what its choices come from, for it alone
   */
  Sampler(Sampling sampling, SplittableRandom random) {
    this.sampling = sampling;
    this.random = random;
  }

  /** Chooses a token by its logits. */
  int sample(float[] logits, Candidates candidates) {
    float largest = Logits.largest(logits);
    if (sampling.isGreedy()) {
      return Logits.indexOf(largest, logits);
    }
    return candidates.at(select(logits, largest, candidates) * random.nextDouble());
  }

  /** Returns each token's probability of being chosen by a random choice. */
  double[] distribution(float[] logits) {
    Candidates candidates = new Candidates();
    double total = select(logits, Logits.largest(logits), candidates);
    double[] probabilities = new double[logits.length];
    candidates.addTo(probabilities, total);
    return probabilities;
  }

  /** Leaves the tokens that may be chosen as candidates and returns the sum of their weights. */
  private double select(float[] logits, float largest, Candidates candidates) {
    double least =
        sampling.minP() == 0
            ? -Float.MAX_VALUE
            : largest + sampling.temperature() * Math.log(sampling.minP());
    boolean limited = sampling.topK() > 0 && sampling.topK() < logits.length;
    if (!limited && sampling.topP() == 1) {
      candidates.take(logits, least);
    } else {
      if (limited) {
        candidates.takeLikeliest(logits, sampling.topK());
        double total = candidates.weigh(largest, sampling.temperature());
        keepNucleus(candidates, total);
      } else {
        candidates.takeNucleus(logits, largest, sampling.temperature(), sampling.topP());
      }
      candidates.drop(least);
    }
    return candidates.weigh(largest, sampling.temperature());
  }

  /** Drops the least likely down to top-p of a total of weights. */
  private void keepNucleus(Candidates candidates, double total) {
    int count = candidates.countTo(sampling.topP() * total);
    if (count > 0 && sampling.topP() < 1) {
      candidates.keep(count);
    }
  }
}
