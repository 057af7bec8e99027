package io.scone.training;

import io.scone.distributed.GradientAverage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * What updates the weights of both models by their gradients: {@link AdamW}, and {@link RowAdagrad}
 * for the f-gram model's memory, whose gradients are sparse.
 */
final class Optimizer implements AutoCloseable {
  /** The file's name in a checkpoint. */
  static final String FILE = "optimizer.safetensors";

  private static final String SUMS = "sum.";

  private final Weights weights;
  private final TrainingConfig recipe;
  private final AdamW dense;
  private final RowAdagrad memory; // null where there is none
  private final OperatorHandle norms;
  private final OperatorHandle scale;

  /**
   * Makes an optimizer that has not seen a gradient.
   *
   * @param weights the weights to update; they stay the caller's
   * @param recipe its weight decays, learning rates and the norm that all gradients together are
   *     scaled down to where they exceed it
   */
  Optimizer(Weights weights, TrainingConfig recipe) {
    this.weights = weights;
    this.recipe = recipe;
    this.dense = new AdamW(weights.dense(), recipe);
    this.memory = weights.memory() == null ? null : new RowAdagrad(weights.memory());
    norms = Torch.operator("aten::_foreach_norm", "Scalar");
    scale = Torch.operator("aten::_foreach_mul_", "Tensor");
  }

  /**
   * Updates the weights that have gradients and takes the gradients away.
   *
   * @param step the number of this update, from 1
   * @param average what averages the memory's gradient over the processes; the others' are averaged
   * @return the norm of all gradients before they were scaled, a scalar on the device
   */
  Tensor step(long step, double learningRate, GradientAverage average) {
    return Torch.withoutGradients(
        () -> {
          Map<String, Tensor> gradients = new LinkedHashMap<>();
          weights
              .dense()
              .forEach(
                  (name, weight) -> {
                    if (weight.grad().defined()) {
                      gradients.put(name, gradient(weight));
                    }
                  });
          List<Tensor> all = new ArrayList<>(gradients.values());
          Tensor sparse = memoryGradient();
          if (sparse != null) {
            average.average(sparse._values()); // of the same rows in all processes
            all.add(sparse._values());
          }
          Tensor norm = clip(all);
          Tensor steps = torch.full_like(norm, new Scalar((double) step));
          dense.update(gradients, steps, learningRate);
          if (sparse != null) {
            Tensor rows = sparse._indices().select(0, 0);
            double rate = learningRate * recipe.memoryLearningRate();
            memory.update(rows, sparse._values(), rate);
          }
          weights.all().values().forEach(weight -> weight.mutable_grad().reset());
          return norm;
        });
  }

  /** Returns the memory's gradient, each row in it once, or null where there is none. */
  private Tensor memoryGradient() {
    if (memory == null || !weights.memory().grad().defined()) {
      return null;
    }
    Tensor gradient = gradient(weights.memory());
    // A batch names each row once. Those of several have to be added up.
    return recipe.accumulation() == 1 ? gradient : gradient.coalesce();
  }

  private Tensor clip(List<Tensor> gradients) {
    IValueVector stack =
        new IValueVector(Torch.list(gradients), new IValue(new Scalar(2)), new IValue());
    norms.callBoxed(stack);
    Tensor norm = torch.stack(stack.get(0).toTensorVector()).norm();
    Tensor factor = norm.add(new Scalar(1e-6)).reciprocal().mul(new Scalar(recipe.gradientNorm()));
    factor = factor.clamp_max(new Scalar(1));
    scale.callBoxed(new IValueVector(Torch.list(gradients), new IValue(factor)));
    return norm;
  }

  /** Writes the state into a checkpoint directory. */
  void write(Path checkpoint) throws IOException {
    Map<String, Safetensors.Source> sources = new LinkedHashMap<>();
    state().forEach((name, tensor) -> sources.put(name, Torch.source(tensor)));
    Safetensors.write(checkpoint.resolve(FILE), sources);
  }

  /**
   * Takes the state of a checkpoint directory.
   *
   * @throws IOException if it is not that of the same weights
   */
  void read(Path checkpoint) throws IOException {
    Safetensors file = Safetensors.open(checkpoint.resolve(FILE));
    for (Map.Entry<String, Tensor> tensor : state().entrySet()) {
      Torch.read(file, tensor.getKey(), tensor.getValue());
    }
  }

  private Map<String, Tensor> state() {
    Map<String, Tensor> state = dense.state();
    if (memory != null) {
      state.put(SUMS + Weights.MEMORY, memory.sums());
    }
    return state;
  }

  /** Frees the state. */
  @Override
  public void close() {
    dense.close();
    if (memory != null) {
      memory.close();
    }
  }

  /** Returns an owner of a weight's gradient: what {@code grad()} gives is only borrowed. */
  private static Tensor gradient(Tensor weight) {
    return new Tensor(weight.grad());
  }
}
