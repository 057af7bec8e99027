package io.scone.export;

import static io.scone.export.OnnxGraph.NONE;
import static io.scone.export.OnnxGraph.dim;

import io.scone.export.Onnx.TensorShapeProto.Dimension;
import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import io.scone.manifest.Precision;
import io.scone.row.Dtype;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.util.List;

/** The graph of the main model: `main.onnx`, as docs/architecture.md describes it. */
final class MainGraph {
  private MainGraph() {}

  static OnnxGraph build(ModelConfig.Main shape, WeightSource weights, Precision precision)
      throws IOException {
    int width = shape.dim();
    ElementType type = ElementType.of(precision.activations());
    OnnxGraph graph = new OnnxGraph("main");
    GraphWeights into = new GraphWeights(graph, weights, precision.activations());
    Matrices matrices = matrices(into, shape, precision.weights());
    Transformer transformer = new Transformer(into, matrices, "", width, shape.heads());

    Value tokens = graph.input("input_ids", ElementType.INT64, dim("B"), dim("S"));
    Value positions = graph.input("position_ids", ElementType.INT64, dim("B"), dim("S"));
    Value indices = graph.input("embedding_indices", ElementType.INT64, dim("B"), dim("S"));
    Value fgramRows = graph.input("fgram_rows", type, dim("M"), dim(width));
    Value logitPositions = graph.input("logit_positions", ElementType.INT64, dim("P"));
    Value lastIndices = graph.input("seqlens_k", ElementType.INT32, dim("B"));
    Value longest = graph.input("total_sequence_length", ElementType.INT32);

    Value tokenWise = graph.constant("token_wise", -1, width);
    Value learned =
        graph.node("Gather").apply(transformer.positionEmbeddings(shape.context()), positions);
    Value flat = graph.node("Reshape").apply(tokens, graph.constant("flat", -1));
    Value own = matrices.embeddings(flat);
    Value all = graph.node("Concat").with("axis", 0).apply(own, fgramRows);
    Value input = graph.node("Gather").apply(all, indices);

    Value x = graph.node("Add").apply(input, learned);
    Dimension[] cache = {dim("B"), dim(shape.heads()), dim("MAX"), dim(width / shape.heads())};
    Value normed =
        transformer.blocks(
            x,
            shape.layers(),
            (block, packed) -> {
              Value pastKey = graph.input("past_key." + block, type, cache);
              Value pastValue = graph.input("past_value." + block, type, cache);
              List<Value> attended =
                  transformer
                      .causalAttention()
                      .applyAs(
                          List.of(
                              "attention." + block,
                              "present_key." + block,
                              "present_value." + block),
                          packed,
                          NONE,
                          NONE,
                          pastKey,
                          pastValue,
                          lastIndices,
                          longest);
              graph.output(attended.get(1), type, cache);
              graph.output(attended.get(2), type, cache);
              return attended.get(0);
            });

    Value outputs = graph.node("Reshape").apply(normed, tokenWise);
    Value wanted = graph.node("Gather").apply(outputs, logitPositions);
    Value logits =
        type == ElementType.FLOAT
            ? matrices.scores("logits", wanted)
            : transformer.toFloat32("logits", matrices.scores("scores", wanted));
    graph.output(logits, ElementType.FLOAT, dim("P"), dim(shape.vocabularySize()));
    return graph;
  }

  private static Matrices matrices(GraphWeights weights, ModelConfig.Main shape, Dtype dtype)
      throws IOException {
    return switch (dtype) {
      case INT8 -> new BlockMatrices(weights, 8, shape.vocabularySize(), shape.dim());
      case INT4 -> new BlockMatrices(weights, 4, shape.vocabularySize(), shape.dim());
      default -> new FloatMatrices(weights, shape.vocabularySize(), shape.dim());
    };
  }
}
