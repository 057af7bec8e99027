package io.scone.training;

import io.scone.distributed.GradientAverage;
import io.scone.progress.Progress;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * A stopwatch on training: a fresh model takes steps over real text, as {@link Trainer} has it do,
 * and nothing is kept.
 *
 * <p>For use by one thread; several may be open in one process and take turns.
 */
public final class TrainingSpeed implements AutoCloseable {
  private static final double NANOS = 1e9;

  private final ModelConfig config;
  private final TrainingConfig recipe;
  private final Weights weights;
  private final TrainingStep step;
  private final BatchFeed feed;
  private final long residentBytes;
  private long steps;

  private TrainingSpeed(
      ModelConfig config,
      TrainingConfig recipe,
      RunOptions options,
      Weights weights,
      long bytesBefore,
      BatchFeed feed) {
    this.config = config;
    this.recipe = recipe;
    this.weights = weights;
    this.step = new TrainingStep(config, recipe, weights, options, GradientAverage.ALONE);
    this.feed = feed;
    this.residentBytes = Torch.allocatedBytes(weights.device()) - bytesBefore;
  }

  /**
   * Prepares a model to be trained.
   *
   * @throws IllegalArgumentException if the parts do not fit together
   */
  public static TrainingSpeed open(
      ModelConfig config,
      TrainingConfig recipe,
      TrainingData data,
      RunOptions options,
      Progress progress)
      throws IOException {
    data.check(config, recipe.windowsPerStep());
    Torch.load(options.threads());
    DeviceType device = options.device().resolve();
    MatchLengths matches =
        config.isBaseline()
            ? MatchLengths.NONE
            : MatchLengths.of(data.corpus(), data.fgrams(), data.fgramsFingerprint(), progress);
    Windows windows = new Windows(data.corpus(), matches, config.main().context(), config.memory());
    WindowOrder order = new WindowOrder(windows.count(), recipe.seed());
    MatchDropout dropout = new MatchDropout(recipe.fgramDropout(), recipe.seed());
    long before = Torch.allocatedBytes(device);
    Weights weights = Weights.initialize(config, recipe.seed(), recipe.fgramGain(), device);
    return new TrainingSpeed(
        config,
        recipe,
        options,
        weights,
        before,
        new BatchFeed(windows, order, dropout, Share.whole(recipe.batch()), 0));
  }

  /**
   * Some steps of training, one after another without a pause.
   *
   * @param tokens the main model's
   * @param fgrams the distinct f-grams of all batches
   * @param fgramTokens the tokens of those f-grams, which the f-gram model reads
   * @param seconds what the steps took
   * @param flops what a forward and a backward pass need at least: no recomputation is counted
   * @param peakBytes the most device memory that this model's training held at a time; 0 on a CPU
   */
  public record Round(
      long tokens, long fgrams, long fgramTokens, double seconds, double flops, long peakBytes) {}

  /** Takes steps and returns what they took. */
  public Round run(int count) {
    BatchTally tally = new BatchTally();
    long others = Torch.allocatedBytes(weights.device()) - residentBytes;
    Torch.resetPeak(weights.device());
    step.takeLosses(); // waits until the device is idle
    long begun = System.nanoTime();
    for (int i = 0; i < count; i++) {
      step.run(++steps, () -> tally.add(feed.next()));
    }
    step.takeLosses();
    double seconds = (System.nanoTime() - begun) / NANOS;
    return new Round(
        tally.tokens,
        tally.fgrams,
        tally.fgramTokens,
        seconds,
        tally.flops,
        Math.max(0, Torch.peakBytes(weights.device()) - others));
  }

  /**
   * Takes steps with a wait for the device after each stage, and returns the seconds of each, by
   * name and in their order. Together they are more than a step without the waits.
   */
  public Map<String, Double> stages(int count) {
    Map<String, Double> seconds = new LinkedHashMap<>();
    for (int i = 0; i < count; i++) {
      for (int pass = 0; pass < recipe.accumulation(); pass++) {
        TrainingBatch batch = timed("batch", seconds, feed::next);
        Torch.scoped(
            () -> {
              Tensor loss = timed("forward", seconds, () -> step.loss(batch));
              return timed(
                  "backward",
                  seconds,
                  () -> {
                    step.backward(loss);
                    return null;
                  });
            });
      }
      timed(
          "update",
          seconds,
          () -> {
            step.update(++steps);
            return null;
          });
    }
    return seconds;
  }

  private <T> T timed(String stage, Map<String, Double> seconds, Supplier<T> work) {
    long begun = System.nanoTime();
    T result = work.get();
    Torch.synchronize(weights.device());
    seconds.merge(stage, (System.nanoTime() - begun) / NANOS, Double::sum);
    return result;
  }

  /** Returns the number of weights, of the f-gram model or of the main model. */
  public long parameters(boolean ofFgramModel) {
    return weights.count(ofFgramModel);
  }

  /** Frees the model. */
  @Override
  public void close() {
    feed.close();
    step.close();
    weights.close();
  }

  /** What batches hold. */
  private final class BatchTally {
    private long tokens;
    private long fgrams;
    private long fgramTokens;
    private double flops;

    TrainingBatch add(TrainingBatch batch) {
      ModelConfig.Main main = config.main();
      Pack windows = batch.windows();
      tokens += windows.tokens();
      flops += passes(main.layers(), main.dim(), windows);
      flops += 3 * 2.0 * main.dim() * main.vocabularySize() * windows.tokens(); // the logits
      for (Pack pack : batch.fgrams()) {
        fgrams += pack.sequences();
        fgramTokens += pack.tokens();
        flops += passes(config.fgram().layers(), config.fgram().dim(), pack);
        if (config.isProjected()) {
          double weights = (double) main.dim() * config.fgram().dim();
          flops += 3 * 2 * weights * (pack.tokens() + pack.sequences());
        }
      }
      return batch;
    }

    /** Returns the operations of blocks forward and, twice as many, backward. */
    private static double passes(int layers, double dim, Pack pack) {
      double matrices = 2 * 12 * dim * dim; // the linear layers have 12 D^2 weights
      double attention = 4 * dim * (pack.length() + 1) / 2; // half of all pairs: it is causal
      return 3.0 * layers * pack.tokens() * (matrices + attention);
    }
  }
}
