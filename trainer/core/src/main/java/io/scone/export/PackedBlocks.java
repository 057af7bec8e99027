package io.scone.export;

import io.scone.row.Dtype;

/**
 * The content of a {@link BlockWeight}: N outputs, each of inputs in blocks, in the layout of ONNX
 * Runtime's MatMulNBits.
 */
final class PackedBlocks {
  /** The values in a block. */
  static final int BLOCK = 32;

  /** [N, blocks, BLOCK * bits / 8]: of 4 bits there are two a byte, the low half first. */
  final byte[] codes;

  /** [N, blocks]. */
  final float[] scales;

  /** [N, blocks * bits / 8, rounded up]: packed as codes are. */
  final byte[] zeroPoints;

  private final BlockQuantizer quantizer;
  private final int blocks;
  private final int bits;
  private final byte[] block = new byte[BLOCK];

  PackedBlocks(int outputs, int blocks, int bits, Dtype scaleType) {
    this.codes = new byte[Math.multiplyExact(outputs * blocks, BLOCK * bits / Byte.SIZE)];
    this.scales = new float[outputs * blocks];
    this.zeroPoints = new byte[outputs * zeroPointBytes(blocks, bits)];
    this.quantizer = new BlockQuantizer(bits, scaleType);
    this.blocks = blocks;
    this.bits = bits;
  }

  /** Returns the bytes that an output's zero points take. */
  static int zeroPointBytes(int blocks, int bits) {
    return (blocks * bits + Byte.SIZE - 1) / Byte.SIZE;
  }

  /** Rounds the values from {@code from} and puts them in their place. */
  void put(int output, int index, float[] values, int from) {
    quantizer.quantize(values, from, BLOCK, block);
    int at = output * blocks + index;
    scales[at] = quantizer.scale();
    pack(zeroPoints, output * zeroPointBytes(blocks, bits), index, quantizer.zeroPoint());
    for (int i = 0; i < BLOCK; i++) {
      pack(codes, at * (BLOCK * bits / Byte.SIZE), i, block[i]);
    }
  }

  private void pack(byte[] bytes, int start, int index, int code) {
    bytes[start + index * bits / Byte.SIZE] |= (byte) (code << (index * bits % Byte.SIZE));
  }
}
