package io.scone.inference;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class LogSumExpTest {
  @Test
  void exponentialsAreOfFloatPrecision() {
    for (int i = 0; i < 87_000; i++) {
      float x = -i / 1000f;
      assertEquals(1, LogSumExp.exp(x) / Math.exp(x), 0x1p-21, () -> "of " + x);
    }
    assertEquals(1, LogSumExp.exp(0));
    assertTrue(LogSumExp.exp(-1000) < 1e-37);
    assertTrue(LogSumExp.exp(Float.NEGATIVE_INFINITY) < 1e-37);
  }

  @Test
  void sumsAreThoseOfDoubles() {
    Random random = new Random(1);
    float[] values = new float[50_000];
    double sum = 0;
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian() * 5 + 300;
      sum += Math.exp(values[i] - 300);
    }
    assertEquals(Math.log(sum) + 300, LogSumExp.of(values, values.length), 1e-6);
    assertEquals(values[0], LogSumExp.of(values, 1));
  }

  @Test
  void whatIsNotANumberShows() {
    assertTrue(Double.isNaN(LogSumExp.of(new float[] {1, Float.NaN}, 2)));
  }
}
