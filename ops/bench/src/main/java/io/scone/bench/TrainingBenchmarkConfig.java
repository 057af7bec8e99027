package io.scone.bench;

import io.scone.training.ModelConfig;
import io.scone.training.RunOptions;
import io.scone.training.TrainingConfig;
import java.util.List;

/**
 * What of training is measured, and how often.
 *
 * @param shape the main model's shape
 * @param context tokens of a window
 * @param fgramLayers for each system that is measured the blocks of its f-gram model; 0 for a
 *     baseline
 * @param batch windows in one pass
 * @param accumulation passes of one step
 * @param options where it trains, and how
 * @param steps of a round
 * @param rounds how often each system is measured, in turn
 */
public record TrainingBenchmarkConfig(
    ModelShape shape,
    int context,
    List<Integer> fgramLayers,
    int batch,
    int accumulation,
    RunOptions options,
    int steps,
    int rounds) {
  public TrainingBenchmarkConfig {
    fgramLayers = List.copyOf(fgramLayers);
    for (int number : new int[] {context, fgramLayers.size(), steps, rounds}) {
      if (number < 1) {
        throw new IllegalArgumentException(
            "context, f-gram models, steps and rounds must be positive, not " + number);
      }
    }
  }

  /** Returns the shapes of the models of a system. */
  ModelConfig model(int layers, int vocabularySize, int maxNgram) {
    ModelConfig.Main main =
        new ModelConfig.Main(vocabularySize, context, shape.dim(), shape.layers(), shape.heads());
    return layers == 0
        ? new ModelConfig(main, null)
        : new ModelConfig(main, new ModelConfig.Fgram(maxNgram, layers, shape.heads()));
  }

  /** Returns the recipe of every system; training's speed depends on its batches only. */
  TrainingConfig recipe() {
    return TrainingConfig.DEFAULT.withBatch(batch, accumulation);
  }
}
