package io.scone.row;

/** Conversions between binary32 and the two 16-bit formats, rounding to nearest, ties to even. */
final class HalfPrecision {
  private static final int F16_INFINITY = 0x7c00;
  private static final int F16_QUIET_NAN = 0x7e00;

  private HalfPrecision() {}

  static short toF16(float value) {
    int bits = Float.floatToRawIntBits(value);
    int sign = bits >>> 16 & 0x8000;
    float magnitude = Math.abs(value);
    if (!(magnitude < 65520f)) { // the midpoint above the largest finite value, infinity, or NaN
      return (short) (sign | (Float.isNaN(value) ? F16_QUIET_NAN : F16_INFINITY));
    }
    if (magnitude < 0x1p-14f) {
      // A subnormal counts units of 2^-24. Adding 2^-1 lines those units up with the float's last
      // bits, so the addition itself rounds.
      int units = Float.floatToRawIntBits(magnitude + 0.5f) - Float.floatToRawIntBits(0.5f);
      return (short) (sign | units);
    }
    int absolute = bits & 0x7fffffff;
    int rounded = absolute + 0xfff + (absolute >>> 13 & 1);
    return (short) (sign | (rounded >>> 13) - (112 << 10)); // 112: the difference of the biases
  }

  static float fromF16(short half) {
    int bits = half & 0xffff;
    int sign = (bits & 0x8000) << 16;
    int exponent = bits >>> 10 & 0x1f;
    int mantissa = bits & 0x3ff;
    if (exponent == 0) {
      float magnitude = mantissa * 0x1p-24f;
      return sign == 0 ? magnitude : -magnitude;
    }
    if (exponent == 0x1f) {
      return Float.intBitsToFloat(sign | 0x7f800000 | mantissa << 13);
    }
    return Float.intBitsToFloat(sign | (exponent + 112) << 23 | mantissa << 13);
  }

  static short toBf16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> 16 | 0x40); // stays a NaN though its low bits are cut
    }
    return (short) ((bits + 0x7fff + (bits >>> 16 & 1)) >>> 16);
  }

  static float fromBf16(short half) {
    return Float.intBitsToFloat(half << 16);
  }
}
