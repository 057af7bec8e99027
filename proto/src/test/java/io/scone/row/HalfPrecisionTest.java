package io.scone.row;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
  @Test
  void everyHalfSurvivesTheRoundTrip() {
    for (int bits = 0; bits < 1 << 16; bits++) {
      short half = (short) bits;
      float f16 = HalfPrecision.fromF16(half);
      if (Float.isNaN(f16)) {
        assertTrue(Float.isNaN(HalfPrecision.fromF16(HalfPrecision.toF16(f16))));
      } else {
        assertEquals(half, HalfPrecision.toF16(f16));
      }
      float bf16 = HalfPrecision.fromBf16(half);
      if (Float.isNaN(bf16)) {
        assertTrue(Float.isNaN(HalfPrecision.fromBf16(HalfPrecision.toBf16(bf16))));
      } else {
        assertEquals(half, HalfPrecision.toBf16(bf16));
      }
    }
  }

  @Test
  void midpointsRoundToTheEvenNeighbourAndTheirNeighboursToTheNearest() {
    for (int bits = 0; bits < 0x7bff; bits++) { // every finite positive half but the largest
      float low = HalfPrecision.fromF16((short) bits);
      float high = HalfPrecision.fromF16((short) (bits + 1));
      float middle = (low + high) / 2;
      int even = (bits & 1) == 0 ? bits : bits + 1;
      assertEquals(even, HalfPrecision.toF16(middle));
      assertEquals(bits, HalfPrecision.toF16(Math.nextDown(middle)));
      assertEquals(bits + 1, HalfPrecision.toF16(Math.nextUp(middle)));
      assertEquals((short) (even | 0x8000), HalfPrecision.toF16(-middle));
    }
  }

  @Test
  void overflowsToInfinityFromTheMidpointOn() {
    assertEquals(0x7bff, HalfPrecision.toF16(Math.nextDown(65520f)));
    assertEquals(0x7c00, HalfPrecision.toF16(65520f));
    assertEquals((short) 0xfc00, HalfPrecision.toF16(Float.NEGATIVE_INFINITY));
  }

  @Test
  void bf16IsTheNearestOfItsNeighbours() {
    Random random = new Random(7);
    for (int round = 0; round < 100_000; round++) {
      float value = Float.intBitsToFloat(random.nextInt());
      float rounded = HalfPrecision.fromBf16(HalfPrecision.toBf16(value));
      if (Float.isFinite(rounded)) {
        double error = Math.abs((double) rounded - value);
        double spacing = (double) Math.ulp(value) * (1 << 16);
        assertTrue(error <= spacing / 2, value + " became " + rounded);
      }
    }
  }
}
