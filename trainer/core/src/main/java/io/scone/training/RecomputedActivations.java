package io.scone.training;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorArrayRefOptional;
import org.bytedeco.pytorch.global.torch.DeviceType;

/**
 * Activation checkpointing: of each block only the input is kept, and the block is computed again
 * when its gradients are wanted.
 *
 * <p>The forward pass is cut into parts, and autograd knows of one part at a time. The output of a
 * part is a leaf, whose gradient the part after it fills in; the backward pass takes the parts from
 * the last to the first. Each weight gets its gradient at once, in one part only: those used in
 * several are {@link #shared}, a part of their own. For one pass after another, by one thread.
 */
final class RecomputedActivations implements Activations {
  private final DeviceType device;
  private final Deque<Part> parts = new ArrayDeque<>(); // the latest first
  private final IdentityHashMap<Tensor, Tensor> shared = new IdentityHashMap<>(); // by weight
  private final List<Tensor> constants = new ArrayList<>();

  /** Makes the activations of a model on a device. */
  RecomputedActivations(DeviceType device) {
    this.device = device;
  }

  /**
   * A part of the pass.
   *
   * @param leaf its output for the parts after it; owned
   * @param output gives the same output with the way back to the parts before it
   */
  private record Part(Tensor leaf, Supplier<Tensor> output) {}

  @Override
  public Tensor shared(Tensor weight) {
    return shared.computeIfAbsent(weight, this::cut);
  }

  @Override
  public Tensor cut(Tensor x) {
    x.retainReference();
    constants.add(x);
    return add(x.detach(), () -> x);
  }

  @Override
  public Tensor block(Tensor x, UnaryOperator<Tensor> block) {
    Tensor y = Torch.withoutGradients(() -> Torch.local(() -> block.apply(x)));
    return add(y, () -> Torch.autocast(device, () -> block.apply(x)));
  }

  @Override
  public void keep(Stream<Tensor> tensors) {
    tensors.forEach(tensor -> constants.add(tensor.retainReference()));
  }

  @Override
  public void backward(Tensor loss) {
    loss.backward();
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      Torch.scoped(
          () -> {
            Tensor gradient = new Tensor(part.leaf().grad());
            part.output()
                .get()
                .backward(gradient, new BoolOptional(), false, new TensorArrayRefOptional());
            return null;
          });
      part.leaf().close();
    }
    shared.clear();
    constants.forEach(Tensor::close);
    constants.clear();
  }

  private Tensor add(Tensor values, Supplier<Tensor> output) {
    Tensor leaf = values.requires_grad_(true).retainReference();
    parts.push(new Part(leaf, output));
    return leaf;
  }
}
