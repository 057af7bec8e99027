package io.scone.inference;

/**
 * How the next token is chosen from the model's logits. The choices narrow each other in the order
 * of the parameters.
 *
 * @param temperature divides the logits; 0 takes the likeliest token always
 * @param topK how many of the likeliest tokens stay; 0 for all
 * @param topP the likeliest tokens stay until their probabilities reach this, above 0; 1 for all
 * @param seed what the random choices start from: the same seed gives the same choices
 */
public record Sampling(double temperature, int topK, double topP, long seed) {
  /** Takes the likeliest token always. */
  public static final Sampling GREEDY = new Sampling(0, 0, 1, 0);

  /** Checks the bounds. */
  public Sampling {
    if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException(
          "the temperature is " + temperature + ", it must be 0 or more");
    }
    if (topK < 0) {
      throw new IllegalArgumentException("top-k is " + topK + ", it must be 0 or more");
    }
    if (!(topP > 0 && topP <= 1)) {
      throw new IllegalArgumentException("top-p is " + topP + ", it must be above 0, at most 1");
    }
  }
}
