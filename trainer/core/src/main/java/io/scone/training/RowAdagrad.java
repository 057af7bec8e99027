package io.scone.training;

import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/**
 * Adagrad with one sum for each row of a table, of which a batch touches few rows: a row's steps
 * get shorter with the squares of the gradients that it has had, and only with its own.
 *
 * <p>A row without a gradient stays as it is and costs nothing.
 */
final class RowAdagrad implements AutoCloseable {
  private static final double EPSILON = 1e-10;

  private final Tensor table;

  /** For each row the sum of the mean squares of its gradients, [rows]. */
  private final Tensor sums;

  /** Makes the optimizer of a table, [rows, D], which stays the caller's. */
  RowAdagrad(Tensor table) {
    this.table = table;
    this.sums =
        Torch.scoped(
            () ->
                torch
                    .zeros(table.size(0))
                    .to(table.device(), table.scalar_type())
                    .retainReference());
  }

  /** Returns the state, [rows]; it stays the property of this object. */
  Tensor sums() {
    return sums;
  }

  /**
   * Updates some rows.
   *
   * @param rows which, each once, [M]
   * @param gradients theirs, [M, D]
   */
  void update(Tensor rows, Tensor gradients, double learningRate) {
    Tensor squares = gradients.square().mean(1L); // [M]
    Tensor sum = sums.index_select(0, rows).add_(squares); // [M]
    sums.index_copy_(0, rows, sum);
    Tensor scale = sum.sqrt().add_(new Scalar(EPSILON)).reciprocal().unsqueeze(1); // [M, 1]
    table.index_add_(0, rows, gradients.mul(scale), new Scalar(-learningRate));
  }

  /** Frees the sums. */
  @Override
  public void close() {
    sums.close();
  }
}
