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
    return weights.graph().node("MatMul").apply(x, weights.add(name, in, out));
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
