package io.scone.export;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;

/**
 * A weight whose values are stored one by one, rounded to a type.
 *
 * @param values as they were trained
 * @param count how many there are
 * @param dtype f32, f16 or bf16
 */
record FloatWeight(WeightSource.Values values, long count, Dtype dtype)
    implements OnnxGraph.Content {
  /** How many values are in memory at once. */
  private static final int PIECE = 1 << 16;

  @Override
  public void write(WritableByteChannel out) throws IOException {
    float[] piece = new float[(int) Math.min(PIECE, count)];
    ByteBuffer bytes = ByteBuffer.allocate(Math.multiplyExact(piece.length, Float.BYTES));
    for (long at = 0; at < count; at += piece.length) {
      int size = (int) Math.min(piece.length, count - at);
      values.next(piece, size);
      new RowCodec(dtype, size).encode(piece, 0, bytes.clear());
      bytes.flip();
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }
}
