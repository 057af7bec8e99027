package io.scone.export;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;

/**
 * Rounds blocks of values to few bits: a value is {@code (code - zero point) * scale}, the scale
 * and the zero point the block's own. A value is kept within half a scale, plus what rounding the
 * scale itself to its type makes of it.
 *
 * <p>It holds the block that was rounded last. For use by one thread.
 */
final class BlockQuantizer {
  private final int largestCode;
  private final RowCodec scaleCodec;
  private final ByteBuffer scaleBytes;
  private final float[] stored = new float[1];
  private int zeroPoint;

  /**
   * Makes a quantizer.
   *
   * @param bits how many a code has: 4 or 8
   * @param scales how scales are stored: f32, f16 or bf16
   */
  BlockQuantizer(int bits, Dtype scales) {
    largestCode = (1 << bits) - 1;
    scaleCodec = new RowCodec(scales, 1);
    scaleBytes = ByteBuffer.allocate(scaleCodec.rowBytes());
  }

  /** Rounds the {@code count} values from {@code from} to codes. */
  void quantize(float[] values, int from, int count, byte[] codes) {
    float least = 0; // zero itself is among the values that codes stand for
    float largest = 0;
    for (int i = from; i < from + count; i++) {
      least = Math.min(least, values[i]);
      largest = Math.max(largest, values[i]);
    }
    stored[0] = (largest - least) / largestCode;
    scaleCodec.encode(stored, 0, scaleBytes.clear());
    scaleCodec.decode(scaleBytes.flip(), stored, 0);
    float inverse = stored[0] == 0 ? 0 : 1 / stored[0];
    zeroPoint = Math.min(largestCode, Math.round(-least * inverse));
    for (int i = 0; i < count; i++) {
      int code = zeroPoint + Math.round(values[from + i] * inverse);
      codes[i] = (byte) Math.max(0, Math.min(largestCode, code));
    }
  }

  /** Returns the block's scale, as it is stored. */
  float scale() {
    return stored[0];
  }

  /** Returns the code that stands for zero in the block. */
  int zeroPoint() {
    return zeroPoint;
  }
}
