package io.scone.export;

import io.scone.export.OnnxGraph.Value;
import java.io.IOException;

/**
 * Matrices in blocks of few bits, which ONNX Runtime expands as it multiplies by them. The token
 * embeddings have 8 bits whatever the others have, and are stored once for input and output.
 */
final class BlockMatrices implements Matrices {
  private static final int EMBEDDING_BITS = 8;

  /** CUDA's kernels take numbers of outputs that are multiples of this. */
  private static final int OUTPUT_MULTIPLE = 64;

  /** A CPU may round activations to 8 bits for a product, which it then does with integers. */
  private static final int ACCURACY_LEVEL = 4;

  private final GraphWeights weights;
  private final int bits;
  private final int vocabularySize;
  private final int dim;

  /** The outputs of the head: the vocabulary and what CUDA wants besides. */
  private final int padded;

  private final BlockWeight.Parts embeddings;

  /**
   * Adds the token embeddings.
   *
   * @param bits how many a weight of the other matrices has: 4 or 8
   * @param dim a multiple of {@link PackedBlocks#BLOCK}
   */
  BlockMatrices(GraphWeights weights, int bits, int vocabularySize, int dim) throws IOException {
    this.weights = weights;
    this.bits = bits;
    this.vocabularySize = vocabularySize;
    this.dim = dim;
    this.padded = (vocabularySize + OUTPUT_MULTIPLE - 1) / OUTPUT_MULTIPLE * OUTPUT_MULTIPLE;
    this.embeddings =
        BlockWeight.ofVectors(weights, EMBEDDINGS, vocabularySize, dim, padded, EMBEDDING_BITS)
            .add();
  }

  @Override
  public Value product(Value x, String name, int in, int out) throws IOException {
    BlockWeight.Parts weight = BlockWeight.ofLayer(weights, name, in, out, bits).add();
    return product(name + ".product", x, weight, bits, in, out);
  }

  @Override
  public Value embeddings(Value tokens) {
    OnnxGraph graph = weights.graph();
    Value last = graph.constant("blocks_last", -1);
    // Seen as blocks [V, D / 32, 32], the codes of products are those of vectors.
    Value blocks =
        graph
            .node(OnnxGraph.MICROSOFT, "GatherBlockQuantized")
            .with("bits", EMBEDDING_BITS)
            .with("block_size", PackedBlocks.BLOCK)
            .with("gather_axis", 0)
            .with("quantize_axis", 2)
            .apply(
                embeddings.codes(),
                tokens,
                graph.node("Unsqueeze").apply(embeddings.scales(), last),
                graph.node("Unsqueeze").apply(embeddings.zeroPoints(), last));
    return graph.node("Reshape").apply(blocks, graph.constant("vectors", -1, dim));
  }

  @Override
  public Value scores(String output, Value x) {
    OnnxGraph graph = weights.graph();
    if (padded == vocabularySize) {
      return product(output, x, embeddings, EMBEDDING_BITS, dim, padded);
    }
    Value all = product("all_scores", x, embeddings, EMBEDDING_BITS, dim, padded);
    return graph
        .node("Slice")
        .applyAs(
            output,
            all,
            graph.constant("scores_start", 0),
            graph.constant("scores_end", vocabularySize),
            graph.constant("scores_axis", 1));
  }

  private Value product(
      String output, Value x, BlockWeight.Parts weight, int weightBits, int in, int out) {
    return weights
        .graph()
        .node(OnnxGraph.MICROSOFT, "MatMulNBits")
        .with("K", in)
        .with("N", out)
        .with("bits", weightBits)
        .with("block_size", PackedBlocks.BLOCK)
        .with("accuracy_level", ACCURACY_LEVEL)
        .applyAs(output, x, weight.codes(), weight.scales(), weight.zeroPoints());
  }
}
