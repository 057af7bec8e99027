package io.scone.export;

import static io.scone.export.OnnxGraph.NONE;
import static io.scone.export.OnnxGraph.dim;

import io.scone.export.Onnx.TensorShapeProto.Dimension;
import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.util.List;

/** The graph of the main model: `main.onnx`, as docs/architecture.md describes it. */
final class MainGraph {
  private MainGraph() {}

  static OnnxGraph build(ModelConfig.Main shape, Safetensors weights) throws IOException {
    int width = shape.dim();
    OnnxGraph graph = new OnnxGraph("main");
    Transformer transformer = new Transformer(graph, weights, "", width, shape.heads());

    Value tokens = graph.input("input_ids", ElementType.INT64, dim("B"), dim("S"));
    Value positions = graph.input("position_ids", ElementType.INT64, dim("B"), dim("S"));
    Value fgramPositions = graph.input("fgram_positions", ElementType.INT64, dim("M"), dim(1));
    Value fgramRows = graph.input("fgram_rows", ElementType.FLOAT, dim("M"), dim(width));
    Value logitPositions = graph.input("logit_positions", ElementType.INT64, dim("P"));
    Value lastIndices = graph.input("seqlens_k", ElementType.INT32, dim("B"));
    Value longest = graph.input("total_sequence_length", ElementType.INT32);

    Value embeddings = transformer.tokenEmbeddings(shape.vocabularySize());
    Value tokenWise = graph.constant("token_wise", -1, width);
    Value own = graph.node("Gather").apply(embeddings, tokens);
    Value ownFlat = graph.node("Reshape").apply(own, tokenWise);
    Value replaced = graph.node("ScatterND").apply(ownFlat, fgramPositions, fgramRows);
    Value input = graph.node("Reshape").apply(replaced, graph.node("Shape").apply(own));
    Value learned =
        graph.node("Gather").apply(transformer.positionEmbeddings(shape.context()), positions);

    Value x = graph.node("Add").apply(input, learned);
    Dimension[] cache = {dim("B"), dim(shape.heads()), dim("MAX"), dim(width / shape.heads())};
    for (int i = 0; i < shape.layers(); i++) {
      x =
          transformer.block(
              i,
              x,
              (block, packed) -> {
                Value pastKey = graph.input("past_key." + block, ElementType.FLOAT, cache);
                Value pastValue = graph.input("past_value." + block, ElementType.FLOAT, cache);
                List<Value> outputs =
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
                graph.output(outputs.get(1), ElementType.FLOAT, cache);
                graph.output(outputs.get(2), ElementType.FLOAT, cache);
                return outputs.get(0);
              });
    }

    Value all = graph.node("Reshape").apply(x, tokenWise);
    Value wanted = graph.node("Gather").apply(all, logitPositions);
    // The head reads the token embeddings transposed, so that the model holds them once.
    Value logits =
        graph
            .node("Gemm")
            .with("transB", 1)
            .applyAs("logits", transformer.layerNorm("ln_f", wanted), embeddings);
    graph.output(logits, ElementType.FLOAT, dim("P"), dim(shape.vocabularySize()));
    return graph;
  }
}
