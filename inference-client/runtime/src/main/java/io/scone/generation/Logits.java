package io.scone.generation;

import io.scone.inference.InferenceException;

/** What is computed from the logits of a whole vocabulary. */
final class Logits {
  private Logits() {}

  /** Returns the largest logit. */
  static float largest(float[] logits) {
    float largest = Float.NEGATIVE_INFINITY;
    for (float logit : logits) {
      largest = Math.max(largest, logit); // not a number if one is none
    }
    if (Float.isNaN(largest) || largest == Float.POSITIVE_INFINITY) {
      throw new InferenceException("the model's logits are not numbers: its weights are damaged");
    }
    if (largest == Float.NEGATIVE_INFINITY) {
      throw new IllegalArgumentException(
          "the bad words, repeated n-grams and least number of tokens rule out every token");
    }
    return largest;
  }

  /** Returns the first token of a logit. */
  static int indexOf(float logit, float[] logits) {
    int token = 0;
    while (logits[token] != logit) {
      token++;
    }
    return token;
  }

  /**
   * Returns the logarithm of the sum of the exponentials: what turns logits into log-probabilities.
   */
  static double logSum(float[] logits) {
    float largest = largest(logits);
    double sum = 0;
    for (float logit : logits) {
      sum += Math.exp(logit - largest);
    }
    return largest + Math.log(sum);
  }
}
