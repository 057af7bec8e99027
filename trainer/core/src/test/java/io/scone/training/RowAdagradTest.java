package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.DeviceType;
import org.junit.jupiter.api.Test;

/** Adagrad with a sum for each row, against its formula. */
class RowAdagradTest {
  @Test
  void aRowMovesByItsOwnGradientsAlone() {
    Torch.load(1);
    float[] begin = {1, 2, 3, 4, 5, 6};
    try (Tensor table = Torch.scoped(() -> AbstractTensor.create(begin, 3, 2).retainReference());
        RowAdagrad optimizer = new RowAdagrad(table)) {
      update(optimizer, new long[] {2, 0}, 3, 4, 0, 0);
      // The mean of 9 and 16 is 12.5: the row moves by 0.1 times its gradient over the root of it.
      float first = (float) (0.1 / Math.sqrt(12.5));
      assertArrayEquals(
          new float[] {1, 2, 3, 4, 5 - 3 * first, 6 - 4 * first}, Torch.floats(table), 1e-6f);
      update(optimizer, new long[] {2, 1}, 1, -1, 2, 2);
      float second = (float) (0.1 / Math.sqrt(13.5));
      assertArrayEquals(
          new float[] {1, 2, 2.9f, 3.9f, 5 - 3 * first - second, 6 - 4 * first + second},
          Torch.floats(table),
          1e-6f);
      assertArrayEquals(new float[] {0, 4, 13.5f}, Torch.floats(optimizer.sums()), 1e-6f);
    }
  }

  private static void update(RowAdagrad optimizer, long[] rows, float... gradients) {
    Torch.scoped(
        () -> {
          Tensor values = AbstractTensor.create(gradients, rows.length, 2);
          optimizer.update(Torch.longs(DeviceType.CPU, rows), values, 0.1);
          return null;
        });
  }
}
