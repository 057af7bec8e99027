package io.scone.bench;

import io.scone.inference.Device;
import io.scone.manifest.Precision;
import java.util.List;

/**
 * What of generation is measured, and how often.
 *
 * @param shape the main model's shape; its weights are random
 * @param precision what it computes in
 * @param device where it runs
 * @param threads how many of the CPU's work on one step, where it runs there; 0 for one a core
 * @param systems what is measured, in turn
 * @param batches how many sequences are read side by side
 * @param steps tokens that each of them reads in a round
 * @param rounds how often
 * @param prompt tokens of the prompt whose reading is measured
 * @param chunk tokens of the parts in which it is read
 * @param rowCache how many bytes of rows the client keeps
 */
public record GenerationConfig(
    ModelShape shape,
    Precision precision,
    Device device,
    int threads,
    List<RowPath> systems,
    List<Integer> batches,
    int steps,
    int rounds,
    int prompt,
    int chunk,
    long rowCache) {
  /** The longest sequence of the measured models, in tokens. */
  static final int CONTEXT = 2048;

  /** Tokens that every sequence holds when its decoding is measured. */
  static final int BEGINNING = 16;

  public GenerationConfig {
    systems = List.copyOf(systems);
    batches = List.copyOf(batches);
    check("systems", systems.size());
    check("batches", batches.size());
    batches.forEach(batch -> check("sequences of a batch", batch));
    check("steps", steps);
    check("rounds", rounds);
    check("tokens of a chunk", chunk);
    if (steps > CONTEXT - BEGINNING || prompt > CONTEXT || prompt < 1) {
      throw new IllegalArgumentException(
          "%d steps, a prompt of %d tokens: the model's context is %d"
              .formatted(steps, prompt, CONTEXT));
    }
  }

  private static void check(String what, int number) {
    if (number < 1) {
      throw new IllegalArgumentException("the number of " + what + " must be positive");
    }
  }
}
