package io.scone.bench;

import java.util.List;
import java.util.Map;

/**
 * What {@link TrainingBenchmark} measured: the {@code training.json}, where names are in snake
 * case.
 *
 * @param command the command that measured it
 * @param model the main model's shape: width, layers, heads
 * @param device where it ran: cpu or cuda
 * @param rounds how often each system was measured
 * @param results one for each system
 */
public record TrainingResults(
    Machine machine, String command, String model, String device, int rounds, List<Result> results)
    implements BenchmarkResults {
  /**
   * The training of one system.
   *
   * @param system baseline, or the f-gram model's blocks
   * @param mainParameters the main model's weights
   * @param fgramParameters the f-gram model's weights
   * @param tokensPerSecond of the main model; the median of the rounds
   * @param min of the slowest round
   * @param max of the fastest round
   * @param teraflopsPerSecond what forward and backward passes need at least, over the time; median
   * @param peakBytes the most device memory that the training held at a time; 0 on a CPU
   * @param fgramsPerStep the distinct f-grams that the f-gram model reads in a step, on average
   * @param fgramTokensPerStep their tokens
   * @param stageMs milliseconds of a step's stages with a wait for the device after each
   */
  public record Result(
      String system,
      long mainParameters,
      long fgramParameters,
      double tokensPerSecond,
      double min,
      double max,
      double teraflopsPerSecond,
      long peakBytes,
      double fgramsPerStep,
      double fgramTokensPerStep,
      Map<String, Double> stageMs) {}
}
