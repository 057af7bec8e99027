package io.scone.export;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import java.io.IOException;

/**
 * The layers that both models are made of, as ONNX operators over their weights. A value's shape is
 * [B, S, D] unless it is said otherwise: B sequences of S tokens, each D wide.
 */
final class Transformer {
  /** What the names of the f-gram model's own weights begin with. */
  static final String FGRAM = "fgram.";

  private static final float LAYER_NORM_EPSILON = 1e-5f;

  private final OnnxGraph graph;
  private final GraphWeights weights;
  private final Matrices matrices;
  private final String prefix;
  private final int dim;
  private final int heads;

  /**
   * Makes the layers of one model.
   *
   * @param weights the way of its weights into the graph
   * @param matrices how its matrices are stored
   * @param prefix what the names of the model's own weights begin with
   */
  Transformer(GraphWeights weights, Matrices matrices, String prefix, int dim, int heads) {
    this.graph = weights.graph();
    this.weights = weights;
    this.matrices = matrices;
    this.prefix = prefix;
    this.dim = dim;
    this.heads = heads;
  }

  /** How tokens see each other: packed queries, keys and values [B, S, 3D] in, [B, S, D] out. */
  interface Attention {
    /** Adds the attention of one block. */
    Value apply(int block, Value queriesKeysValues);
  }

  /** Adds the position embeddings [positions, D]. */
  Value positionEmbeddings(int positions) throws IOException {
    return weights.add(prefix + "wpe.weight", positions, dim);
  }

  /** Adds a pre-norm transformer block. */
  Value block(int index, Value x, Attention attention) throws IOException {
    String name = "h." + index + ".";
    Value packed = linear(name + "attn.c_attn", layerNorm(name + "ln_1", x), dim, 3 * dim);
    Value attended = attention.apply(index, packed);
    Value middle = add(x, linear(name + "attn.c_proj", attended, dim, dim));
    Value hidden = linear(name + "mlp.c_fc", layerNorm(name + "ln_2", middle), dim, 4 * dim);
    return add(middle, linear(name + "mlp.c_proj", gelu(hidden), 4 * dim, dim));
  }

  /** Begins an attention in which each token sees itself and those before it. */
  OnnxGraph.Node causalAttention() {
    return graph
        .node(OnnxGraph.MICROSOFT, "GroupQueryAttention")
        .with("num_heads", heads)
        .with("kv_num_heads", heads);
  }

  /** Normalizes over the last dimension. */
  Value layerNorm(String name, Value x) throws IOException {
    return graph
        .node("LayerNormalization")
        .with("axis", -1)
        .with("epsilon", LAYER_NORM_EPSILON)
        .apply(
            x,
            weights.add(prefix + name + ".weight", dim),
            weights.add(prefix + name + ".bias", dim));
  }

  private Value linear(String name, Value x, int in, int out) throws IOException {
    Value product = matrices.product(x, prefix + name + ".weight", in, out);
    return add(product, weights.add(prefix + name + ".bias", out));
  }

  private Value gelu(Value x) {
    return graph.node("Gelu").with("approximate", "tanh").apply(x);
  }

  private Value add(Value left, Value right) {
    return graph.node("Add").apply(left, right);
  }

  /** Converts a value to float32, which it may be. */
  Value toFloat32(String name, Value value) {
    return graph.node("Cast").with("to", ElementType.FLOAT.code()).applyAs(name, value);
  }
}
