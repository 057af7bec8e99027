package io.scone.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowCodecTest {
  @ParameterizedTest
  @EnumSource(Dtype.class)
  void movesBothBuffersByOneRowWhateverTheirOrder(Dtype dtype) {
    float[] values = {9, 1, -2, 0.5f, 9};
    RowCodec codec = new RowCodec(dtype, 3);
    ByteBuffer big = ByteBuffer.allocate(codec.rowBytes() + 5).position(5);
    ByteBuffer little =
        ByteBuffer.allocateDirect(codec.rowBytes() + 5).order(ByteOrder.LITTLE_ENDIAN).position(5);
    codec.encode(values, 1, big);
    codec.encode(values, 1, little);
    assertEquals(0, big.remaining());
    assertEquals(ByteOrder.BIG_ENDIAN, big.order());
    assertEquals(big.flip().position(5), little.flip().position(5));

    float[] decoded = new float[5];
    codec.decode(big, decoded, 1);
    assertEquals(0, big.remaining());
    assertArrayEquals(new float[] {0, 1, -2, 0.5f, 0}, decoded, 0.01f);
  }

  @Test
  void f32IsExact() {
    float[] values = {Float.MIN_VALUE, -0f, 1e38f, (float) Math.PI};
    assertArrayEquals(values, roundTrip(Dtype.F32, values));
  }

  @Test
  void int8IsWithinHalfAStepOfTheLargestValue() {
    Random random = new Random(7);
    for (int round = 0; round < 1000; round++) {
      float[] values = new float[1 + random.nextInt(40)];
      float magnitude = (float) Math.pow(10, random.nextInt(20) - 10);
      float largest = 0;
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) random.nextGaussian() * magnitude;
        largest = Math.max(largest, Math.abs(values[i]));
      }
      assertArrayEquals(values, roundTrip(Dtype.INT8, values), largest / 127 * 0.501f);
    }
  }

  @Test
  void int8KeepsZerosAndTheLargestValueExact() {
    assertArrayEquals(new float[] {0, 0}, roundTrip(Dtype.INT8, new float[] {0, -0f}));
    assertArrayEquals(
        new float[] {127, -127, 1}, roundTrip(Dtype.INT8, new float[] {127, -127, 1}));
  }

  @Test
  void namesAreThoseOfTheCommandLineAndTheWire() {
    for (Dtype dtype : Dtype.values()) {
      assertEquals(dtype, Dtype.of(dtype.toString()));
      assertEquals(dtype, Dtype.of(dtype.rowType()));
      assertTrue(dtype.rowType().name().endsWith("_" + dtype.name()));
    }
  }

  private static float[] roundTrip(Dtype dtype, float[] values) {
    RowCodec codec = new RowCodec(dtype, values.length);
    ByteBuffer row = ByteBuffer.allocate(codec.rowBytes());
    codec.encode(values, 0, row);
    float[] decoded = new float[values.length];
    codec.decode(row.flip(), decoded, 0);
    return decoded;
  }
}
