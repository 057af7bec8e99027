package io.scone.export;

import io.scone.export.OnnxGraph.Value;
import io.scone.training.Safetensors;
import java.io.IOException;

/**
 * The layers that both models are made of, as ONNX operators over a checkpoint's weights. A value's
 * shape is [B, S, D] unless it is said otherwise: B sequences of S tokens, each D wide.
 */
final class Transformer {
  private static final float LAYER_NORM_EPSILON = 1e-5f;

  private final OnnxGraph graph;
  private final Safetensors weights;
  private final String prefix;

  /**
   * Makes layers of one model.
   *
   * @param prefix what the names of the model's own weights start with
   */
  Transformer(OnnxGraph graph, Safetensors weights, String prefix) {
    this.graph = graph;
    this.weights = weights;
    this.prefix = prefix;
  }

  /** How tokens see each other: packed queries, keys and values [B, S, 3D] in, [B, S, D] out. */
  interface Attention {
    /** Adds the attention of one block. */
    Value apply(int block, Value queriesKeysValues);
  }

  /** Adds a weight that both models have. */
  static Value sharedWeight(OnnxGraph graph, Safetensors weights, String name) throws IOException {
    return graph.weight(name, weights.shape(name), weights.data(name));
  }

  /** Adds one of the model's own weights. */
  Value weight(String name) throws IOException {
    return sharedWeight(graph, weights, prefix + name);
  }

  /** Adds a pre-norm transformer block. */
  Value block(int index, Value x, Attention attention) throws IOException {
    String name = "h." + index + ".";
    Value attended =
        attention.apply(index, linear(name + "attn.c_attn", layerNorm(name + "ln_1", x)));
    Value middle = add(x, linear(name + "attn.c_proj", attended));
    Value hidden = gelu(linear(name + "mlp.c_fc", layerNorm(name + "ln_2", middle)));
    return add(middle, linear(name + "mlp.c_proj", hidden));
  }

  /** Normalizes over the last dimension. */
  Value layerNorm(String name, Value x) throws IOException {
    return graph
        .node("LayerNormalization")
        .with("axis", -1)
        .with("epsilon", LAYER_NORM_EPSILON)
        .apply(x, weight(name + ".weight"), weight(name + ".bias"));
  }

  private Value linear(String name, Value x) throws IOException {
    Value product = graph.node("MatMul").apply(x, weight(name + ".weight"));
    return add(product, weight(name + ".bias"));
  }

  private Value gelu(Value x) {
    return graph.node("Gelu").with("approximate", "tanh").apply(x);
  }

  private Value add(Value left, Value right) {
    return graph.node("Add").apply(left, right);
  }
}
