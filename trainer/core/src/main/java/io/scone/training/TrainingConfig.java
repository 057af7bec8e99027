package io.scone.training;

import java.util.Locale;

/**
 * The recipe of a training run: together with the data and the model's shape, all that its result
 * depends on.
 *
 * @param steps updates of the weights
 * @param batch windows of the corpus in one pass
 * @param accumulation passes whose gradients are averaged into one update
 * @param learningRate its peak, reached after the warm-up; it then falls along a cosine to a tenth
 * @param warmupSteps updates over which the learning rate rises from zero
 * @param weightDecay AdamW's decay of matrices
 * @param gradientNorm the norm that the gradients of an update are cut down to
 * @param seed what the first weights, the order of the windows and dropped f-grams are drawn from
 * @param fgramLearningRate the learning rate of the f-gram model's transformer as a multiple of the
 *     main model's
 * @param memoryLearningRate that of the f-gram model's memory, by Adagrad, as a multiple of the
 *     same
 * @param fgramWeightDecay AdamW's decay of the matrices of the f-gram model's transformer
 * @param fgramDropout the share of matched f-grams whose last token's own embedding is used
 *     instead, while training
 * @param fgramGain what the gain of the f-gram model's last norm begins with: the scale of its
 *     output
 */
public record TrainingConfig(
    long steps,
    int batch,
    int accumulation,
    double learningRate,
    long warmupSteps,
    double weightDecay,
    double gradientNorm,
    long seed,
    double fgramLearningRate,
    double memoryLearningRate,
    double fgramWeightDecay,
    double fgramDropout,
    double fgramGain) {
  /** A recipe that suits models of a few million weights on a CPU. */
  public static final TrainingConfig DEFAULT =
      new TrainingConfig(1000, 8, 1, 2e-3, 100, 0.1, 1.0, 1, 0.03, 10, 0.1, 0.0, 1.0);

  private static final double FINAL_SHARE = 0.1;

  /** Checks that the fields are in bounds. */
  public TrainingConfig {
    check(steps > 0, "steps is %d, not positive", steps);
    check(batch > 0, "batch is %d, not positive", batch);
    check(accumulation > 0, "accumulation is %d, not positive", accumulation);
    check(learningRate > 0 && learningRate < 1, "learning rate is %s, not in 0..1", learningRate);
    check(
        warmupSteps >= 0 && warmupSteps <= steps,
        "warm-up is %d steps, not within the %d of the run",
        warmupSteps,
        steps);
    check(weightDecay >= 0 && weightDecay < 1, "weight decay is %s, not in 0..1", weightDecay);
    check(gradientNorm > 0, "gradient norm is %s, not positive", gradientNorm);
    check(
        fgramLearningRate >= 0,
        "the f-gram model's learning rate is %s times the main model's, not 0 or more",
        fgramLearningRate);
    check(
        memoryLearningRate >= 0,
        "the memory's learning rate is %s times the main model's, not 0 or more",
        memoryLearningRate);
    check(
        fgramWeightDecay >= 0 && fgramWeightDecay < 1,
        "the f-gram model's weight decay is %s, not in 0..1",
        fgramWeightDecay);
    check(fgramDropout >= 0 && fgramDropout < 1, "f-gram dropout is %s, not in 0..1", fgramDropout);
    check(fgramGain > 0, "the gain of the f-gram model's output is %s, not positive", fgramGain);
  }

  /** Returns the same recipe with other batches. */
  public TrainingConfig withBatch(int newBatch, int newAccumulation) {
    return new TrainingConfig(
        steps,
        newBatch,
        newAccumulation,
        learningRate,
        warmupSteps,
        weightDecay,
        gradientNorm,
        seed,
        fgramLearningRate,
        memoryLearningRate,
        fgramWeightDecay,
        fgramDropout,
        fgramGain);
  }

  /**
   * Checks that so many processes can train together.
   *
   * @throws IllegalArgumentException if they cannot divide a batch evenly
   */
  public void checkProcesses(int processes) {
    new Share(batch, 0, processes);
  }

  /** Returns the windows that one update sees. */
  long windowsPerStep() {
    return (long) batch * accumulation;
  }

  /** Returns the learning rate of an update, counted from 1. */
  double learningRate(long step) {
    if (step <= warmupSteps) {
      return learningRate * step / warmupSteps;
    }
    double progress = (double) (step - warmupSteps) / (steps - warmupSteps);
    double cosine = (1 + Math.cos(Math.PI * progress)) / 2; // 1 falling to 0
    return learningRate * (FINAL_SHARE + (1 - FINAL_SHARE) * cosine);
  }

  private static void check(boolean condition, String format, Object... arguments) {
    if (!condition) {
      throw new IllegalArgumentException(String.format(Locale.ROOT, format, arguments));
    }
  }
}
