package io.scone.export;

import static io.scone.export.OnnxGraph.NONE;
import static io.scone.export.OnnxGraph.dim;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import io.scone.row.Dtype;
import io.scone.training.ModelConfig;
import io.scone.training.SuffixHash;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The graph of the f-gram model: `fgram.onnx`, as docs/architecture.md describes it. */
final class FgramGraph {
  private final ModelConfig shape;
  private final GraphWeights weights;
  private final OnnxGraph graph;
  private final Matrices matrices;
  private final Transformer transformer;

  private final Value tokens; // [U, N]
  private final Value lengths; // [U]
  private final Value zero;
  private final Value one;
  private final Value lastIndices; // [U]

  private FgramGraph(ModelConfig shape, GraphWeights weights) throws IOException {
    this.shape = shape;
    this.weights = weights;
    graph = weights.graph();
    ModelConfig.Main main = shape.main();
    ModelConfig.Fgram fgram = shape.fgram();
    matrices = new FloatMatrices(weights, main.vocabularySize(), main.dim());
    transformer = new Transformer(weights, matrices, Transformer.FGRAM, fgram.dim(), fgram.heads());
    tokens = graph.input("fgram_tokens", ElementType.INT64, dim("U"), dim("N"));
    lengths = graph.input("lengths", ElementType.INT64, dim("U"));
    zero = graph.constant("zero", 0);
    one = graph.constant("one", 1);
    lastIndices = graph.node("Sub").apply(lengths, one);
  }

  static OnnxGraph build(ModelConfig shape, WeightSource weights, Dtype dtype) throws IOException {
    OnnxGraph graph = new OnnxGraph("fgram");
    GraphWeights into = new GraphWeights(graph, weights, dtype);
    return new FgramGraph(shape, into).build();
  }

  private OnnxGraph build() throws IOException {
    Value own = matrices.embeddings(tokens); // [U, N, D]
    List<Value> parts = new ArrayList<>(); // of the rows, [U, D] each
    if (shape.addsLastToken()) {
      parts.add(last(own));
    }
    if (shape.hasTransformer()) {
      parts.add(last(outputs(own)));
    }
    if (shape.hasMemory()) {
      parts.addAll(memories());
    }
    Value sum = parts.stream().reduce((a, b) -> graph.node("Add").apply(a, b)).orElseThrow();
    Value rows = transformer.toFloat32("rows", sum);
    graph.output(rows, ElementType.FLOAT, dim("U"), dim(shape.main().dim()));
    return graph;
  }

  /** Returns what the transformer makes of token embeddings, [U, N, D]. */
  private Value outputs(Value own) throws IOException {
    ModelConfig.Fgram fgram = shape.fgram();
    int rowWidth = shape.main().dim();
    Value longest = graph.node("Shape").with("start", 1).with("end", 2).apply(tokens);
    Value longestInt = toInt32(longest);
    Value lastIndicesInt = toInt32(lastIndices);
    Value learned =
        graph.node("Slice").apply(transformer.positionEmbeddings(fgram.maxNgram()), zero, longest);
    Value read =
        shape.isProjected()
            ? matrices.product(own, Transformer.FGRAM + "project_in.weight", rowWidth, fgram.dim())
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
    Value output = transformer.blocks(x, fgram.layers(), attention);
    // Of all tokens: a product of a single vector may be added up in another order.
    return shape.isProjected()
        ? matrices.product(output, Transformer.FGRAM + "project_out.weight", fgram.dim(), rowWidth)
        : output;
  }

  /**
   * Returns what the memory holds of the suffixes of each length, [U, D] each, with zeros for
   * f-grams that are shorter. The hashes are {@link SuffixHash}'s.
   */
  private List<Value> memories() throws IOException {
    ModelConfig.Fgram fgram = shape.fgram();
    Value memory =
        weights.add(Transformer.FGRAM + "memory.weight", fgram.memory(), shape.main().dim());
    Value size = graph.constant("memory_size", fgram.memory());
    Value multiplier = graph.constant("multiplier", SuffixHash.MULTIPLIER);
    List<Value> vectors = new ArrayList<>();
    Value hash = graph.node("Mod").apply(at(tokens, lastIndices), size); // [U]
    for (int n = 2; n <= fgram.maxNgram(); n++) {
      Value length = graph.constant("suffix." + n, n);
      // Of an f-gram that is shorter, some token: what it leads to is not taken.
      Value place = graph.node("Max").apply(graph.node("Sub").apply(lengths, length), zero);
      Value product = graph.node("Mul").apply(hash, multiplier);
      Value mixed = graph.node("Add").apply(product, at(tokens, place));
      hash = graph.node("Mod").apply(mixed, size);
      Value isThere = graph.node("GreaterOrEqual").apply(lengths, length); // [U]
      Value factor =
          graph
              .node("Cast")
              .with("to", ElementType.of(weights.dtype()).code())
              .apply(graph.node("Unsqueeze").apply(isThere, one)); // [U, 1]
      vectors.add(graph.node("Mul").apply(graph.node("Gather").apply(memory, hash), factor));
    }
    return vectors;
  }

  /** Returns what a value has at the last token of each f-gram. */
  private Value last(Value value) {
    // Attention is causal: the padding on the right does not reach the last token.
    return at(value, lastIndices);
  }

  /** Returns what a value, [U, N, ...], has at a token of each f-gram, [U]. */
  private Value at(Value value, Value places) {
    Value index = graph.node("Unsqueeze").apply(places, one);
    return graph.node("GatherND").with("batch_dims", 1).apply(value, index);
  }

  private Value toInt32(Value value) {
    return graph.node("Cast").with("to", ElementType.INT32.code()).apply(value);
  }
}
