package io.scone.training;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW and its state: the running first and second moments of each weight's gradient.
 *
 * <p>Matrices decay, vectors do not. The update is PyTorch's fused kernel, one pass over all
 * weights, which is reached through the dispatcher for want of a C++ function.
 */
final class AdamW implements AutoCloseable {
  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.95;
  private static final double EPSILON = 1e-8;

  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final Map<String, Tensor> weights;
  private final TrainingConfig recipe;
  private final Map<String, Tensor> firstMoments = new LinkedHashMap<>();
  private final Map<String, Tensor> secondMoments = new LinkedHashMap<>();
  private final OperatorHandle update;

  /**
   * Makes an optimizer whose moments are zero.
   *
   * @param weights the weights to update, by name; they stay the caller's
   * @param recipe its weight decays and learning rates
   */
  AdamW(Map<String, Tensor> weights, TrainingConfig recipe) {
    this.weights = weights;
    this.recipe = recipe;
    weights.forEach((name, weight) -> firstMoments.put(name, zerosLike(weight)));
    weights.forEach((name, weight) -> secondMoments.put(name, zerosLike(weight)));
    update = Torch.operator("aten::_fused_adamw_", "");
  }

  /**
   * Updates weights.
   *
   * @param gradients theirs, by their names
   * @param step the number of this update, from 1, a scalar on the device
   */
  void update(Map<String, Tensor> gradients, Tensor step, double learningRate) {
    Map<Settings, List<String>> groups = new LinkedHashMap<>();
    for (String name : gradients.keySet()) {
      groups.computeIfAbsent(settings(name), s -> new ArrayList<>()).add(name);
    }
    groups.forEach((settings, names) -> update(names, gradients, step, learningRate, settings));
  }

  /** Returns the moments by the names that they have in a checkpoint. */
  Map<String, Tensor> state() {
    Map<String, Tensor> state = new LinkedHashMap<>();
    firstMoments.forEach((name, moment) -> state.put(FIRST + name, moment));
    secondMoments.forEach((name, moment) -> state.put(SECOND + name, moment));
    return state;
  }

  /** Frees the moments. */
  @Override
  public void close() {
    firstMoments.values().forEach(Tensor::close);
    secondMoments.values().forEach(Tensor::close);
  }

  /**
   * How weights of one kind are updated.
   *
   * @param rate the learning rate as a multiple of the step's
   * @param decay the share of a weight, times the learning rate, taken off at each step
   */
  private record Settings(double rate, double decay) {}

  private Settings settings(String name) {
    boolean ofFgramModel = name.startsWith(Weights.FGRAM);
    double decay = ofFgramModel ? recipe.fgramWeightDecay() : recipe.weightDecay();
    return new Settings(
        ofFgramModel ? recipe.fgramLearningRate() : 1, weights.get(name).dim() > 1 ? decay : 0);
  }

  private void update(
      List<String> names,
      Map<String, Tensor> all,
      Tensor step,
      double learningRate,
      Settings settings) {
    List<Tensor> parameters = new ArrayList<>();
    List<Tensor> gradients = new ArrayList<>();
    List<Tensor> first = new ArrayList<>();
    List<Tensor> second = new ArrayList<>();
    List<Tensor> steps = new ArrayList<>();
    for (String name : names) {
      parameters.add(weights.get(name));
      gradients.add(all.get(name));
      first.add(firstMoments.get(name));
      second.add(secondMoments.get(name));
      steps.add(step);
    }
    update.callBoxed(
        new IValueVector(
            Torch.list(parameters),
            Torch.list(gradients),
            Torch.list(first),
            Torch.list(second),
            Torch.list(List.of()), // no largest second moments: that would be AMSGrad
            Torch.list(steps),
            new IValue(learningRate * settings.rate()),
            new IValue(BETA1),
            new IValue(BETA2),
            new IValue(settings.decay()),
            new IValue(EPSILON),
            new IValue(false), // not AMSGrad
            new IValue(false), // minimise
            new IValue(), // no gradient scale
            new IValue())); // and so no report of infinite gradients
  }

  private static Tensor zerosLike(Tensor weight) {
    return Torch.scoped(() -> torch.zeros_like(weight.detach()).retainReference());
  }
}
