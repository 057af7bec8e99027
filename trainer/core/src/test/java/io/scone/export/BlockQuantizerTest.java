package io.scone.export;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.row.Dtype;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BlockQuantizerTest {
  private static final int BLOCK = 32;
  private final byte[] codes = new byte[BLOCK];

  @ParameterizedTest
  @CsvSource({"4,F32", "8,F32", "4,F16", "8,F16", "4,BF16", "8,BF16"})
  void valuesAreKeptWithinHalfAScale(int bits, Dtype scales) {
    BlockQuantizer quantizer = new BlockQuantizer(bits, scales);
    // Codes reach as many scales as there are; where a scale was rounded down, they reach less.
    double rounding = ((1 << bits) - 1) * (scales == Dtype.BF16 ? 0x1p-8 : 0x1p-11);
    Random random = new Random(bits);
    for (int round = 0; round < 1000; round++) {
      float[] values = new float[BLOCK];
      double mean = random.nextInt(3) - 1;
      for (int i = 0; i < BLOCK; i++) {
        values[i] = (float) (mean + random.nextGaussian());
      }
      quantizer.quantize(values, 0, BLOCK, codes);
      for (int i = 0; i < BLOCK; i++) {
        int code = codes[i] & 0xff;
        assertTrue(code < 1 << bits);
        double error = values[i] - (code - quantizer.zeroPoint()) * quantizer.scale();
        assertEquals(0, error, quantizer.scale() * (0.501 + rounding));
      }
    }
  }

  @Test
  void zeroIsKept() {
    BlockQuantizer quantizer = new BlockQuantizer(4, Dtype.F32);
    float[] values = {0, -1, 3, 0.01f};
    quantizer.quantize(values, 0, values.length, codes);
    assertEquals(quantizer.zeroPoint(), codes[0]);
    quantizer.quantize(new float[BLOCK], 0, BLOCK, codes);
    assertEquals(0, quantizer.scale());
    assertEquals(quantizer.zeroPoint(), codes[BLOCK - 1]);
  }
}
