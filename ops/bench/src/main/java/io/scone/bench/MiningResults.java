package io.scone.bench;

import io.scone.mining.MiningReport;
import java.util.List;
import java.util.Map;

/**
 * What {@link MiningBenchmark} measured: the {@code mining.json}, where names are in snake case.
 *
 * @param command the command that measured it
 * @param corpusTokens the tokens of the text; larger sizes are made of it
 * @param memoryBytes the memory that mining was told to count in
 * @param threads the threads that counted
 * @param results one for each size, ascending
 */
public record MiningResults(
    Machine machine,
    String command,
    long corpusTokens,
    long memoryBytes,
    int threads,
    List<Result> results)
    implements BenchmarkResults {
  /**
   * The mining of one size.
   *
   * @param seconds from the opened corpus to the published file of f-grams
   * @param peakAnonymousMib the most memory of the process, the Java virtual machine's own
   *     included, that is no mapped file
   * @param peakMappedMib the most memory of mapped files, which the system takes back at will
   * @param temporaryMib the most that temporary files took
   * @param stageSeconds the time of each stage, in order
   * @param lengths the n-grams of each length
   */
  public record Result(
      long tokens,
      double seconds,
      double peakAnonymousMib,
      double peakMappedMib,
      double temporaryMib,
      Map<String, Double> stageSeconds,
      List<MiningReport.Length> lengths) {

    /** Returns the tokens of the corpus over the time of all passes. */
    public double tokensPerSecond() {
      return tokens / seconds;
    }

    /** Returns the time for a token as a multiple of what it is at another size. */
    public double costOver(Result other) {
      return other.tokensPerSecond() / tokensPerSecond();
    }
  }
}
