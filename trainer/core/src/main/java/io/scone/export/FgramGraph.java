package io.scone.export;

import static io.scone.export.OnnxGraph.NONE;
import static io.scone.export.OnnxGraph.dim;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import io.scone.training.ModelConfig;
import io.scone.training.Safetensors;
import java.io.IOException;
import java.util.List;

/** The graph of the f-gram model: `fgram.onnx`, as docs/architecture.md describes it. */
final class FgramGraph {
  private FgramGraph() {}

  static OnnxGraph build(ModelConfig shape, Safetensors weights) throws IOException {
    int heads = shape.fgram().heads();
    OnnxGraph graph = new OnnxGraph("fgram");
    Transformer transformer = new Transformer(graph, weights, "fgram.");

    Value tokens = graph.input("fgram_tokens", ElementType.INT64, dim("U"), dim("N"));
    Value lengths = graph.input("lengths", ElementType.INT64, dim("U"));

    Value one = graph.constant("one", 1);
    Value width = graph.node("Shape").with("start", 1).with("end", 2).apply(tokens);
    Value lastIndices = graph.node("Sub").apply(lengths, one);

    Value own =
        graph.node("Gather").apply(Transformer.sharedWeight(graph, weights, "wte.weight"), tokens);
    Value learned =
        graph
            .node("Slice")
            .apply(transformer.weight("wpe.weight"), graph.constant("zero", 0), width);
    Value x = graph.node("Add").apply(own, learned);
    Value lastIndices32 =
        graph.node("Cast").with("to", ElementType.INT32.code()).apply(lastIndices);
    Value longest = graph.node("Cast").with("to", ElementType.INT32.code()).apply(width);
    for (int i = 0; i < shape.fgram().layers(); i++) {
      x =
          transformer.block(
              i,
              x,
              (block, packed) ->
                  graph
                      .node(OnnxGraph.MICROSOFT, "GroupQueryAttention")
                      .with("num_heads", heads)
                      .with("kv_num_heads", heads)
                      .applyAs(
                          List.of(
                              "attention." + block, "unused_key." + block, "unused_value." + block),
                          packed,
                          NONE,
                          NONE,
                          NONE,
                          NONE,
                          lastIndices32,
                          longest)
                      .get(0));
    }

    // Attention is causal, so the padding on the right reaches no last token.
    Value index = graph.node("Unsqueeze").apply(lastIndices, one);
    Value last = graph.node("GatherND").with("batch_dims", 1).apply(x, index);
    Value rows = graph.node("Identity").applyAs("rows", transformer.layerNorm("ln_f", last));
    graph.output(rows, ElementType.FLOAT, dim("U"), dim(shape.main().dim()));
    return graph;
  }
}
