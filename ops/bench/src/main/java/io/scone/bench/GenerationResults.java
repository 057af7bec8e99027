package io.scone.bench;

import java.util.List;

/**
 * What {@link GenerationBenchmark} measured: the {@code generation.json}, where names are in snake
 * case.
 *
 * @param command the command that measured it
 * @param model the main model's shape: width, layers, heads
 * @param dtype what it computes in
 * @param device where it ran
 * @param fgrams the f-grams of the table
 * @param rounds how often each system was measured
 * @param results decoding: one for each system and batch
 * @param prompts reading a prompt: one for each system
 * @param timeline the last reading of the prompt with rows
 * @param gpuMemoryMib the GPU's memory in use at the end, by all processes; 0 on the CPU
 */
public record GenerationResults(
    Machine machine,
    String command,
    String model,
    String dtype,
    String device,
    int fgrams,
    int rounds,
    List<Result> results,
    List<Prompt> prompts,
    List<Part> timeline,
    long gpuMemoryMib)
    implements BenchmarkResults {
  /**
   * Decoding by one system: in each step every sequence reads a token of real text, and the
   * likeliest next one is chosen from its logits.
   *
   * @param batch the sequences read side by side
   * @param p50Us half of a round's steps took no longer, in microseconds; the median of the rounds
   * @param p50UsMin of the round where it is the least
   * @param p50UsMax of the round where it is the most
   * @param p99Us 99 % of a round's steps took no longer; the median of the rounds
   * @param tokensPerSecond tokens of all sequences over the time of a round; the median
   * @param matchedShare the share of tokens at which an f-gram ends
   * @param stepsWaited the share of steps that waited for the network
   * @param waitUs how long a step waited, on average over all steps
   * @param prefetchHitRate the share of tokens whose rows were fetched ahead
   * @param cacheHitRate the share of the others that the row cache knew
   */
  public record Result(
      String system,
      int batch,
      double p50Us,
      double p50UsMin,
      double p50UsMax,
      double p99Us,
      double tokensPerSecond,
      double matchedShare,
      double stepsWaited,
      double waitUs,
      double prefetchHitRate,
      double cacheHitRate) {}

  /**
   * Reading a prompt by one system.
   *
   * @param tokens the prompt's
   * @param medianMs the milliseconds until the logits of its last token were there
   * @param minMs of the fastest round
   * @param maxMs of the slowest round
   */
  public record Prompt(String system, int tokens, double medianMs, double minMs, double maxMs) {}

  /**
   * A part of a prompt, in microseconds since the reading began.
   *
   * @param tokens its tokens
   * @param askedUs when its rows were asked for
   * @param freeUs when the model could have begun with it
   * @param rowsUs when its rows were there, at the latest
   * @param doneUs when the model had read it
   */
  public record Part(int tokens, double askedUs, double freeUs, double rowsUs, double doneUs) {}
}
