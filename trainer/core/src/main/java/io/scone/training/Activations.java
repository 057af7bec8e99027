package io.scone.training;

import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/** What becomes of a model's activations between its forward and its backward pass. */
interface Activations {
  /** They are kept, as autograd does by itself: fast, and memory grows with every block. */
  Activations KEPT =
      new Activations() {
        @Override
        public Tensor shared(Tensor weight) {
          return weight;
        }

        @Override
        public Tensor cut(Tensor x) {
          return x;
        }

        @Override
        public Tensor block(Tensor x, UnaryOperator<Tensor> block) {
          return Torch.local(() -> block.apply(x));
        }

        @Override
        public void keep(Stream<Tensor> constants) {}

        @Override
        public void backward(Tensor loss) {
          loss.backward();
        }
      };

  /** Returns a weight for use in more than one part of the pass. */
  Tensor shared(Tensor weight);

  /** Returns the same values, where parts of the pass meet that are gone back through apart. */
  Tensor cut(Tensor x);

  /** Returns what a block makes of its input, which comes from here. */
  Tensor block(Tensor x, UnaryOperator<Tensor> block);

  /** Has tensors live that blocks use beside their input and the weights. */
  void keep(Stream<Tensor> constants);

  /** Adds the gradients of a loss, that of the last forward pass, to the weights'. */
  void backward(Tensor loss);
}
