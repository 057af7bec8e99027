package io.scone.cli;

import io.scone.bench.DataConfig;
import io.scone.bench.ModelShape;
import io.scone.row.Dtype;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options of a model that a benchmark runs over real text, round after round; a mixin. */
final class BenchmarkModelOptions {
  /** What the directory of text and f-grams is pinned to; no table of this width is made of it. */
  private static final int PINNED_DIM = 768;

  @Mixin private BenchmarkTextOptions text;

  @Option(
      names = "--shape",
      paramLabel = "SHAPE",
      defaultValue = "gpt2-small",
      description = "The main model: gpt2-small, 1.3b, or WIDTHxLAYERSxHEADS, as 768x12x12.")
  private String shape;

  @Option(
      names = "--threads",
      paramLabel = "N",
      defaultValue = "0",
      description = "How many threads of the CPU compute; 0 for one on each core.")
  private int threads;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often; medians are reported, and the least and the most.")
  private int rounds;

  BenchmarkTextOptions text() {
    return text;
  }

  /**
   * Returns the text and its f-grams.
   *
   * @throws IllegalArgumentException if there can be no such f-grams
   */
  DataConfig data() {
    return text.config(PINNED_DIM, Dtype.F16);
  }

  /**
   * Returns the main model's shape.
   *
   * @throws IllegalArgumentException if there is none of that name
   */
  ModelShape shape() {
    return ModelShape.of(shape);
  }

  int threads() {
    return threads;
  }

  int rounds() {
    return rounds;
  }
}
