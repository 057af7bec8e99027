package io.scone.row;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class RowCodecTest {
  @ParameterizedTest
  @EnumSource(Dtype.class)
  void movesBothBuffersByOneRowWhateverTheirOrder(Dtype dtype) {
    float[] values = {9, 7, -2, 3, 9};
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
    assertArrayEquals(new float[] {0, 7, -2, 3, 0}, decoded, 0.03f);
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

  @Property(tries = 1000)
  void int4IsWithinHalfAStepOfItsGroup(@ForAll Random random) {
    float[] values = new float[1 + random.nextInt(100)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(20) - 10));
    }
    float[] decoded = roundTrip(Dtype.INT4, values);
    for (int from = 0; from < values.length; from += 32) {
      float largest = 0;
      for (int i = from; i < Math.min(from + 32, values.length); i++) {
        largest = Math.max(largest, Math.abs(values[i]));
      }
      for (int i = from; i < Math.min(from + 32, values.length); i++) {
        // The step is a bfloat16: it may be off by one part in 256 in each direction.
        assertEquals(values[i], decoded[i], largest / 7 * (0.5 + 7 / 256.0));
      }
    }
  }

  @Test
  void int4KeepsWholeStepsExact() {
    float[] steps = new float[40];
    for (int i = 0; i < steps.length; i++) {
      steps[i] = i % 15 - 7;
    }
    steps[39] = -7; // the second group has a step of 1 too
    assertArrayEquals(steps, roundTrip(Dtype.INT4, steps));
    assertArrayEquals(new float[33], roundTrip(Dtype.INT4, new float[33]));
  }

  @Test
  void int4IsWrittenAsTheContractSays() {
    RowCodec codec = new RowCodec(Dtype.INT4, 3);
    ByteBuffer row = ByteBuffer.allocate(codec.rowBytes());
    codec.encode(new float[] {-14, 2, 6}, 0, row);
    assertArrayEquals(new byte[] {(byte) 0x91, 0x0b, 0x00, 0x40}, row.array()); // 0x4000 is 2
  }

  @Property(tries = 1000)
  void anyBytesAreRead(@ForAll Dtype dtype, @ForAll Random random) {
    RowCodec codec = new RowCodec(dtype, 1 + random.nextInt(70));
    byte[] bytes = new byte[codec.rowBytes()];
    random.nextBytes(bytes);
    ByteBuffer row = ByteBuffer.wrap(bytes);
    codec.decode(row, new float[codec.dim()], 0);
    assertEquals(0, row.remaining());
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
