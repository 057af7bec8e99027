package io.scone.export;

import static io.scone.export.OnnxGraph.NONE;
import static io.scone.export.OnnxGraph.dim;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import io.scone.row.Dtype;
import io.scone.training.ModelConfig;
import java.io.IOException;
import java.util.List;

/** The graph of the f-gram model: `fgram.onnx`, as docs/architecture.md describes it. */
final class FgramGraph {
  private FgramGraph() {}

  static OnnxGraph build(ModelConfig shape, WeightSource weights, Dtype dtype) throws IOException {
    ModelConfig.Fgram fgram = shape.fgram();
    int rowWidth = shape.main().dim();
    int width = fgram.dim();
    OnnxGraph graph = new OnnxGraph("fgram");
    GraphWeights into = new GraphWeights(graph, weights, dtype);
    Matrices matrices = new FloatMatrices(into, shape.main().vocabularySize(), rowWidth);
    Transformer transformer =
        new Transformer(into, matrices, Transformer.FGRAM, width, fgram.heads());

    Value tokens = graph.input("fgram_tokens", ElementType.INT64, dim("U"), dim("N"));
    Value lengths = graph.input("lengths", ElementType.INT64, dim("U"));

    Value zero = graph.constant("zero", 0);
    Value one = graph.constant("one", 1);
    Value longest = graph.node("Shape").with("start", 1).with("end", 2).apply(tokens);
    Value lastIndices = graph.node("Sub").apply(lengths, one);
    Value longestInt = toInt32(graph, longest);
    Value lastIndicesInt = toInt32(graph, lastIndices);

    Value own = matrices.embeddings(tokens);
    Value learned =
        graph.node("Slice").apply(transformer.positionEmbeddings(fgram.maxNgram()), zero, longest);
    Value read =
        shape.isProjected()
            ? matrices.product(own, Transformer.FGRAM + "project_in.weight", rowWidth, width)
            : own;
    Value x = graph.node("Add").apply(read, learned);
    Transformer.Attention attention =
        (block, packed) ->
            transformer
                .causalAttention()
                .applyAs(
                    List.of("attention." + block, "key." + block, "value." + block),
                    packed,
                    NONE,
                    NONE,
                    NONE,
                    NONE,
                    lastIndicesInt,
                    longestInt)
                .get(0);
    Value output =
        shape.isResidual()
            ? transformer.residualBlocks(x, fgram.layers(), attention)
            : transformer.blocks(x, fgram.layers(), attention);
    if (shape.isProjected()) {
      // Of all tokens: a product of a single vector may be added up in another order.
      output = matrices.product(output, Transformer.FGRAM + "project_out.weight", width, rowWidth);
    }
    // Attention is causal: the padding on the right does not reach the last token.
    Value index = graph.node("Unsqueeze").apply(lastIndices, one);
    Value last = graph.node("GatherND").with("batch_dims", 1).apply(output, index);
    if (shape.addsLastToken()) {
      Value lastToken = graph.node("GatherND").with("batch_dims", 1).apply(own, index);
      last = graph.node("Add").apply(last, lastToken);
    }
    Value rows = transformer.toFloat32("rows", last);
    graph.output(rows, ElementType.FLOAT, dim("U"), dim(rowWidth));
    return graph;
  }

  private static Value toInt32(OnnxGraph graph, Value value) {
    return graph.node("Cast").with("to", ElementType.INT32.code()).apply(value);
  }
}
