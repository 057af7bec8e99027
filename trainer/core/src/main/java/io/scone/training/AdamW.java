package io.scone.training;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.GenericList;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorType;
import org.bytedeco.pytorch.Type;
import org.bytedeco.pytorch.global.torch;

/**
 * AdamW and its state: the running first and second moments of each weight's gradient.
 *
 * <p>Matrices decay, vectors do not. The update is PyTorch's fused kernel, one pass over all
 * weights, which is reached through the dispatcher for want of a C++ function.
 */
final class AdamW implements AutoCloseable {
  /** The file's name in a checkpoint. */
  static final String FILE = "optimizer.safetensors";

  private static final double BETA1 = 0.9;
  private static final double BETA2 = 0.95;
  private static final double EPSILON = 1e-8;

  private static final String FIRST = "exp_avg.";
  private static final String SECOND = "exp_avg_sq.";

  private final Weights weights;
  private final TrainingConfig recipe;
  private final Map<String, Tensor> firstMoments = new LinkedHashMap<>();
  private final Map<String, Tensor> secondMoments = new LinkedHashMap<>();
  private final OperatorHandle norms;
  private final OperatorHandle scale;
  private final OperatorHandle update;

  /**
   * Makes an optimizer whose moments are zero.
   *
   * @param weights the weights to update; they stay the caller's
   * @param recipe its weight decays, learning rates and the norm that all gradients together are
   *     scaled down to where they exceed it
   */
  AdamW(Weights weights, TrainingConfig recipe) {
    this.weights = weights;
    this.recipe = recipe;
    weights.all().forEach((name, weight) -> firstMoments.put(name, zerosLike(weight)));
    weights.all().forEach((name, weight) -> secondMoments.put(name, zerosLike(weight)));
    norms = operator("aten::_foreach_norm", "Scalar");
    scale = operator("aten::_foreach_mul_", "Tensor");
    update = operator("aten::_fused_adamw_", "");
  }

  /**
   * Updates the weights that have gradients and takes the gradients away.
   *
   * @param step the number of this update, from 1
   * @return the norm of all gradients before they were scaled, a scalar on the device
   */
  Tensor step(long step, double learningRate) {
    return Torch.withoutGradients(
        () -> {
          List<Tensor> gradients = new ArrayList<>();
          Map<Settings, List<String>> groups = new LinkedHashMap<>();
          weights
              .all()
              .forEach(
                  (name, weight) -> {
                    if (weight.grad().defined()) {
                      groups.computeIfAbsent(settings(name), s -> new ArrayList<>()).add(name);
                      gradients.add(gradient(weight));
                    }
                  });
          Tensor norm = clip(gradients);
          Tensor steps = torch.full_like(norm, new Scalar((double) step));
          groups.forEach((settings, names) -> update(names, steps, learningRate, settings));
          weights.all().values().forEach(weight -> weight.mutable_grad().reset());
          return norm;
        });
  }

  /** Writes the moments into a checkpoint directory. */
  void write(Path checkpoint) throws IOException {
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    firstMoments.forEach((name, moment) -> sources.put(FIRST + name, Torch.source(moment)));
    secondMoments.forEach((name, moment) -> sources.put(SECOND + name, Torch.source(moment)));
    Safetensors.write(checkpoint.resolve(FILE), sources);
  }

  /**
   * Takes the moments of a checkpoint directory.
   *
   * @throws IOException if they are not those of the same weights
   */
  void read(Path checkpoint) throws IOException {
    Safetensors file = Safetensors.open(checkpoint.resolve(FILE));
    for (String name : weights.all().keySet()) {
      Torch.read(file, FIRST + name, firstMoments.get(name));
      Torch.read(file, SECOND + name, secondMoments.get(name));
    }
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
    if (name.equals(Weights.MEMORY)) {
      // A vector is in few batches: it learns as fast as a token's embedding, and does not fade
      // while it is not seen.
      return new Settings(1, 0);
    }
    boolean ofFgramModel = name.startsWith(Weights.FGRAM);
    double decay = ofFgramModel ? recipe.fgramWeightDecay() : recipe.weightDecay();
    return new Settings(
        ofFgramModel ? recipe.fgramLearningRate() : 1, weights.get(name).dim() > 1 ? decay : 0);
  }

  private Tensor clip(List<Tensor> gradients) {
    IValueVector stack = new IValueVector(list(gradients), new IValue(new Scalar(2)), new IValue());
    norms.callBoxed(stack);
    Tensor norm = torch.stack(stack.get(0).toTensorVector()).norm();
    Tensor factor = norm.add(new Scalar(1e-6)).reciprocal().mul(new Scalar(recipe.gradientNorm()));
    factor = factor.clamp_max(new Scalar(1));
    scale.callBoxed(new IValueVector(list(gradients), new IValue(factor)));
    return norm;
  }

  private void update(List<String> names, Tensor step, double learningRate, Settings settings) {
    List<Tensor> parameters = new ArrayList<>();
    List<Tensor> gradients = new ArrayList<>();
    List<Tensor> first = new ArrayList<>();
    List<Tensor> second = new ArrayList<>();
    List<Tensor> steps = new ArrayList<>();
    for (String name : names) {
      parameters.add(weights.get(name));
      gradients.add(gradient(weights.get(name)));
      first.add(firstMoments.get(name));
      second.add(secondMoments.get(name));
      steps.add(step);
    }
    update.callBoxed(
        new IValueVector(
            list(parameters),
            list(gradients),
            list(first),
            list(second),
            list(List.of()), // no largest second moments: that would be AMSGrad
            list(steps),
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

  /** Returns an owner of the weight's gradient: what {@code grad()} gives is only borrowed. */
  private static Tensor gradient(Tensor weight) {
    return new Tensor(weight.grad());
  }

  private static Tensor zerosLike(Tensor weight) {
    return Torch.scoped(() -> torch.zeros_like(weight.detach()).retainReference());
  }

  private static IValue list(List<Tensor> tensors) {
    GenericList list = new GenericList(new Type.TypePtr(TensorType.get()));
    tensors.forEach(tensor -> list.push_back(new IValue(tensor)));
    return new IValue(list);
  }

  private static OperatorHandle operator(String name, String overload) {
    return Torch.scoped(
        () -> Dispatcher.singleton().findSchemaOrThrow(name, overload).retainReference());
  }
}
