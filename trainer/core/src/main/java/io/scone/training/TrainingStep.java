package io.scone.training;

import io.scone.distributed.GradientAverage;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/**
 * An update of a model's weights: the gradients of some batches, averaged, and the optimizer.
 *
 * <p>Nothing in it waits for the device, so that a GPU always has work while the next batch is
 * prepared. For use by one thread.
 */
final class TrainingStep implements AutoCloseable {
  private final TrainingConfig recipe;
  private final SconeModel model;
  private final Activations activations;
  private final SconeModel trained;
  private final GradientAverage average;
  private final List<Tensor> fgramWeights;
  private final Optimizer optimizer;

  /** The losses since they were last taken, kept on the device: reading one waits for the step. */
  private final Tensor lossSum;

  private final Tensor gradientNorm;

  /**
   * Makes the update of weights, which stay the caller's.
   *
   * @param average the averaging of gradients over processes, which this closes
   */
  TrainingStep(
      ModelConfig config,
      TrainingConfig recipe,
      Weights weights,
      RunOptions options,
      GradientAverage average) {
    this.recipe = recipe;
    this.model = new SconeModel(config, weights);
    this.activations =
        options.activationCheckpointing()
            ? new RecomputedActivations(weights.device())
            : Activations.KEPT;
    this.trained = new SconeModel(config, weights, activations);
    this.average = average;
    this.fgramWeights =
        weights.dense().entrySet().stream()
            .filter(weight -> weight.getKey().startsWith(Weights.FGRAM))
            .map(Map.Entry::getValue)
            .toList();
    this.optimizer = new Optimizer(weights, recipe);
    this.lossSum = Torch.zero(weights.device());
    this.gradientNorm = Torch.zero(weights.device());
  }

  /** Returns the model whose weights are updated, to be measured. */
  SconeModel model() {
    return model;
  }

  /** Returns the optimizer and its moments. */
  Optimizer optimizer() {
    return optimizer;
  }

  /**
   * Updates the weights.
   *
   * @param step the number of the update, from 1
   * @param batches gives the batches of one pass each, as many as the recipe accumulates
   */
  void run(long step, Supplier<TrainingBatch> batches) {
    for (int i = 1; i <= recipe.accumulation(); i++) {
      TrainingBatch batch = batches.get();
      boolean last = i == recipe.accumulation();
      Torch.scoped(
          () -> {
            Tensor loss = loss(batch);
            if (last) {
              average.during(() -> backward(loss));
            } else {
              backward(loss);
            }
            return lossSum.add_(loss.detach());
          });
    }
    update(step);
  }

  /** Returns a batch's part of the loss, whose gradients add up to the mean's. */
  Tensor loss(TrainingBatch batch) {
    Tensor loss = Torch.local(() -> trained.loss(batch)).div(new Scalar(recipe.accumulation()));
    // Every weight gets a gradient in every pass, if only of zero: another process's batch may well
    // have f-grams where this one has none.
    return batch.fgrams().isEmpty()
        ? unusedWeights(batch)
            .map(weight -> weight.sum().mul(new Scalar(0.0)))
            .reduce(loss, Tensor::add)
        : loss;
  }

  private Stream<Tensor> unusedWeights(TrainingBatch batch) {
    return batch.memory().distinct().length == 0
        ? fgramWeights.stream()
        : Stream.concat(fgramWeights.stream(), Stream.of(trained.memory(batch)));
  }

  /** Adds the gradients of the last loss to the weights'. */
  void backward(Tensor loss) {
    activations.backward(loss);
  }

  /** Takes the gradients there are to update the weights. */
  void update(long step) {
    double rate = recipe.learningRate(step);
    Torch.scoped(() -> gradientNorm.copy_(optimizer.step(step, rate, average).view(1)));
  }

  /**
   * Waits until the device is done, and returns the sum of the losses since this was last asked.
   */
  double takeLosses() {
    double sum = Torch.floats(lossSum)[0];
    Torch.scoped(() -> lossSum.zero_());
    return sum;
  }

  /** Waits until the device is done, and returns the norm of the last update's gradients. */
  float gradientNorm() {
    return Torch.floats(gradientNorm)[0];
  }

  /** Frees the optimizer's moments. */
  @Override
  public void close() {
    lossSum.close();
    gradientNorm.close();
    average.close();
    optimizer.close();
  }
}
