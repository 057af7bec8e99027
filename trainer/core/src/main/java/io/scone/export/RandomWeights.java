package io.scone.export;

import io.scone.manifest.Fingerprint;
import io.scone.training.ModelConfig;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/**
 * Weights of models that nobody has trained: as spread as GPT-2's are at the beginning, so that
 * activations stay in the range of 16 bits, and made up as they are read, so that the largest
 * models need no memory. What they compute is noise; how fast they do is not.
 *
 * @param config the models' shapes
 * @param seed weights of one seed are the same each time
 */
record RandomWeights(ModelConfig config, long seed) implements WeightSource {
  private static final double DEVIATION = 0.02;

  @Override
  public Values open(String name, List<Long> shape) {
    if (name.endsWith(".bias")) {
      return constant(0);
    }
    if (shape.size() == 1) {
      return constant(1); // the gain of a layer norm
    }
    double deviation = DEVIATION;
    if (name.endsWith("c_proj.weight")) {
      // Each block adds two such projections to the residual stream; its variance must not grow.
      int layers =
          name.startsWith(Transformer.FGRAM) ? config.fgram().layers() : config.main().layers();
      deviation /= Math.sqrt(2 * layers);
    }
    return uniform(new SplittableRandom(seed ^ name.hashCode()), deviation);
  }

  @Override
  public String fingerprint() {
    return new Fingerprint().update("random weights " + seed + " of " + config).finish();
  }

  private static Values constant(float value) {
    return (into, count) -> Arrays.fill(into, 0, count, value);
  }

  private static Values uniform(SplittableRandom random, double deviation) {
    // Evenly distributed numbers reach from -sqrt(3) to sqrt(3) standard deviations.
    float scale = (float) (Math.sqrt(3) * deviation / (1L << 31));
    return (into, count) -> {
      for (int i = 0; i < count; i++) {
        into[i] = random.nextInt() * scale;
      }
    };
  }
}
