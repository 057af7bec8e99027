package io.scone.export;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import java.io.IOException;
import java.lang.ref.SoftReference;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.util.List;

/**
 * A weight in blocks of few bits: codes, and a scale and a zero point a block.
 *
 * <p>Its three tensors are written one after another. What they hold is computed for the first of
 * them and kept while memory allows.
 */
final class BlockWeight {
  /** The tensors of a weight: [N, blocks, bytes of a block], [N, blocks], [N, bytes]. */
  record Parts(Value codes, Value scales, Value zeroPoints) {}

  private final GraphWeights weights;
  private final String name;
  private final List<Long> shape;
  private final boolean byInput;
  private final int outputs;
  private final int bits;
  private SoftReference<PackedBlocks> content = new SoftReference<>(null);

  private BlockWeight(
      GraphWeights weights, String name, List<Long> shape, boolean byInput, int outputs, int bits) {
    this.weights = weights;
    this.name = name;
    this.shape = shape;
    this.byInput = byInput;
    this.outputs = outputs;
    this.bits = bits;
  }

  /** Makes the weight of a linear layer, stored as [in, out]. */
  static BlockWeight ofLayer(GraphWeights weights, String name, int in, int out, int bits) {
    return new BlockWeight(weights, name, List.of((long) in, (long) out), true, out, bits);
  }

  /**
   * Makes a weight of vectors, stored as [count, dim].
   *
   * @param outputs how many vectors it is to have: those that there are not are zeros
   */
  static BlockWeight ofVectors(
      GraphWeights weights, String name, int count, int dim, int outputs, int bits) {
    return new BlockWeight(weights, name, List.of((long) count, (long) dim), false, outputs, bits);
  }

  /** Adds the weight's tensors to its graph. */
  Parts add() throws IOException {
    weights.source().open(name, shape); // to fail before anything is written
    long blocks = blocks();
    long bytes = (long) PackedBlocks.BLOCK * bits / Byte.SIZE;
    long zeroPointBytes = PackedBlocks.zeroPointBytes(blocks(), bits);
    OnnxGraph graph = weights.graph();
    return new Parts(
        graph.weight(
            name + ".codes",
            ElementType.UINT8,
            List.of((long) outputs, blocks, bytes),
            out -> write(out, content().codes)),
        graph.weight(
            name + ".scales",
            ElementType.of(weights.dtype()),
            List.of((long) outputs, blocks),
            this::writeScales),
        graph.weight(
            name + ".zero_points",
            ElementType.UINT8,
            List.of((long) outputs, zeroPointBytes),
            out -> write(out, content().zeroPoints)));
  }

  private int blocks() {
    return (int) (shape.get(byInput ? 0 : 1) / PackedBlocks.BLOCK);
  }

  private void writeScales(WritableByteChannel out) throws IOException {
    float[] scales = content().scales;
    WeightSource.Values values = (into, count) -> System.arraycopy(scales, 0, into, 0, count);
    new FloatWeight(values, scales.length, weights.dtype()).write(out);
  }

  private static void write(WritableByteChannel out, byte[] bytes) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    while (buffer.hasRemaining()) {
      out.write(buffer);
    }
  }

  private PackedBlocks content() throws IOException {
    PackedBlocks kept = content.get();
    if (kept == null) {
      kept = new PackedBlocks(outputs, blocks(), bits, weights.dtype());
      fill(kept, weights.source().open(name, shape));
      content = new SoftReference<>(kept);
    }
    return kept;
  }

  private void fill(PackedBlocks packed, WeightSource.Values values) throws IOException {
    if (!byInput) {
      float[] vector = new float[blocks() * PackedBlocks.BLOCK];
      for (int n = 0; n < shape.get(0); n++) {
        values.next(vector, vector.length);
        for (int b = 0; b < blocks(); b++) {
          packed.put(n, b, vector, b * PackedBlocks.BLOCK);
        }
      }
      return;
    }
    float[] inputs = new float[PackedBlocks.BLOCK * outputs]; // one block of each output
    float[] block = new float[PackedBlocks.BLOCK];
    for (int b = 0; b < blocks(); b++) {
      values.next(inputs, inputs.length);
      for (int n = 0; n < outputs; n++) {
        for (int i = 0; i < block.length; i++) {
          block[i] = inputs[i * outputs + n];
        }
        packed.put(n, b, block, 0);
      }
    }
  }
}
