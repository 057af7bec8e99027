package io.scone.export;

import io.scone.export.OnnxGraph.ElementType;
import io.scone.export.OnnxGraph.Value;
import io.scone.row.Dtype;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * The way from a source of weights into a graph.
 *
 * @param graph where weights are added
 * @param source where they come from
 * @param dtype what those become that are stored value by value: f32, f16 or bf16
 */
record GraphWeights(OnnxGraph graph, WeightSource source, Dtype dtype) {
  /** Adds a weight under its own name, its values rounded to the graph's type. */
  Value add(String name, long... shape) throws IOException {
    List<Long> extents = Arrays.stream(shape).boxed().toList();
    long count = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    return graph.weight(
        name,
        ElementType.of(dtype),
        extents,
        new FloatWeight(source.open(name, extents), count, dtype));
  }
}
