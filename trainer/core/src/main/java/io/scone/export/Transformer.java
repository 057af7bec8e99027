package io.scone.export;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import java.io.IOException;
import java.util.List;

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

  /** Adds pre-norm transformer blocks and the norm after the last. */
  Value blocks(Value x, int count, Attention attention) throws IOException {
    Stream stream = new Stream(x, null, null);
    for (int i = 0; i < count; i++) {
      String name = "h." + i + ".";
      Normed in = norm(name + "ln_1", stream);
      Value packed = linear(name + "attn.c_attn", in.value, dim, 3 * dim);
      Value attended = attention.apply(i, packed);
      stream = in.sum.plus(product(name + "attn.c_proj", attended, dim, dim), name + "attn.c_proj");
      Normed middle = norm(name + "ln_2", stream);
      Value hidden =
          gelu(name + "mlp.c_fc", product(name + "mlp.c_fc", middle.value, dim, 4 * dim));
      stream =
          middle.sum.plus(product(name + "mlp.c_proj", hidden, 4 * dim, dim), name + "mlp.c_proj");
    }
    return norm("ln_f", stream).value;
  }

  /**
   * The residual stream, and what the last linear layer gave, which is yet to be added to it: the
   * next norm does both at once, as its bias, so that a GPU need not run three kernels.
   *
   * @param added null if there is nothing to add
   * @param layer the name of the linear layer
   */
  private record Stream(Value sum, Value added, String layer) {
    Stream plus(Value product, String name) {
      return new Stream(sum, product, name);
    }
  }

  /** A norm of the stream over its last dimension, and the stream with everything added. */
  private record Normed(Value value, Stream sum) {}

  private Normed norm(String name, Stream stream) throws IOException {
    Value gain = weights.add(prefix + name + ".weight", dim);
    Value bias = weights.add(prefix + name + ".bias", dim);
    if (stream.added == null) {
      return new Normed(
          graph
              .node("LayerNormalization")
              .with("axis", -1)
              .with("epsilon", LAYER_NORM_EPSILON)
              .apply(stream.sum, gain, bias),
          stream);
    }
    List<Value> outputs =
        graph
            .node(OnnxGraph.MICROSOFT, "SkipLayerNormalization")
            .with("epsilon", LAYER_NORM_EPSILON)
            .applyAs(
                List.of(prefix + name + ".normed", "", "", prefix + name + ".sum"),
                stream.added,
                stream.sum,
                gain,
                bias,
                bias(stream.layer, dim));
    return new Normed(outputs.get(0), new Stream(outputs.get(3), null, null));
  }

  /** Begins an attention in which each token sees itself and those before it. */
  OnnxGraph.Node causalAttention() {
    return graph
        .node(OnnxGraph.MICROSOFT, "GroupQueryAttention")
        .with("num_heads", heads)
        .with("kv_num_heads", heads);
  }

  private Value linear(String name, Value x, int in, int out) throws IOException {
    return graph.node("Add").apply(product(name, x, in, out), bias(name, out));
  }

  /** Adds a linear layer without its bias. */
  private Value product(String name, Value x, int in, int out) throws IOException {
    return matrices.product(x, prefix + name + ".weight", in, out);
  }

  private Value bias(String name, int width) throws IOException {
    return weights.add(prefix + name + ".bias", width);
  }

  /** Adds a linear layer's bias and GELU, by tanh. */
  private Value gelu(String name, Value product) throws IOException {
    return graph.node(OnnxGraph.MICROSOFT, "FastGelu").apply(product, bias(name, 4 * dim));
  }

  /** Converts a value to float32, which it may be. */
  Value toFloat32(String name, Value value) {
    return graph.node("Cast").with("to", ElementType.FLOAT.code()).applyAs(name, value);
  }
}
