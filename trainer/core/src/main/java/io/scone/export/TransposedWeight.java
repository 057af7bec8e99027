package io.scone.export;

import io.scone.row.Dtype;
import java.io.IOException;
import java.nio.channels.WritableByteChannel;

/**
 * A matrix that is stored with its rows as columns, its values rounded to a type. It is in memory
 * as a whole while it is written.
 *
 * @param values as they were trained, [rows, columns]
 * @param rows how many rows they have; as many columns are written
 * @param columns how many columns they have
 * @param dtype f32, f16 or bf16
 */
record TransposedWeight(WeightSource.Values values, int rows, int columns, Dtype dtype)
    implements OnnxGraph.Content {
  @Override
  public void write(WritableByteChannel out) throws IOException {
    float[] transposed = new float[Math.multiplyExact(rows, columns)];
    float[] row = new float[columns];
    for (int i = 0; i < rows; i++) {
      values.next(row, columns);
      for (int j = 0; j < columns; j++) {
        transposed[j * rows + i] = row[j];
      }
    }
    int[] at = {0};
    WeightSource.Values next =
        (into, count) -> {
          System.arraycopy(transposed, at[0], into, 0, count);
          at[0] += count;
        };
    new FloatWeight(next, transposed.length, dtype).write(out);
  }
}
