package io.scone.export;

import io.scone.export.OnnxGraph.Value;
import java.io.IOException;

/** The matrices of a model in its graph: how they are stored, and what is done with them. */
interface Matrices {
  /** The name of the token embeddings [V, D], which input and output share. */
  String EMBEDDINGS = "wte.weight";

  /** Adds a product with the weight [in, out] of that name: [.., in] becomes [.., out]. */
  Value product(Value x, String name, int in, int out) throws IOException;

  /** Adds the embeddings [.., D] of tokens [..]. */
  Value embeddings(Value tokens) throws IOException;

  /** Adds the products [P, V] of vectors [P, D] with the embeddings of all tokens. */
  Value scores(String output, Value x) throws IOException;
}
