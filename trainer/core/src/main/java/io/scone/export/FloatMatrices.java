package io.scone.export;

import io.scone.export.OnnxGraph.Value;
import java.io.IOException;

/** Matrices that are stored value by value. */
final class FloatMatrices implements Matrices {
  private final GraphWeights weights;
  private final Value embeddings;

  FloatMatrices(GraphWeights weights, int vocabularySize, int dim) throws IOException {
    this.weights = weights;
    this.embeddings = weights.add(EMBEDDINGS, vocabularySize, dim);
  }

  @Override
  public Value product(Value x, String name, int in, int out) throws IOException {
    // Each output's weights lie together: a GPU that multiplies by a single vector reads them
    // faster.
    return weights
        .graph()
        .node(OnnxGraph.MICROSOFT, "FusedMatMul")
        .with("transB", 1)
        .apply(x, weights.addTransposed(name, in, out));
  }

  @Override
  public Value embeddings(Value tokens) {
    return weights.graph().node("Gather").apply(embeddings, tokens);
  }

  @Override
  public Value scores(String output, Value x) {
    // The head reads the token embeddings transposed, so that the model holds them once.
    return weights.graph().node("Gemm").with("transB", 1).applyAs(output, x, embeddings);
  }
}
