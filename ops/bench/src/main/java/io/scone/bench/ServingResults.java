package io.scone.bench;

import com.fasterxml.jackson.core.JacksonException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What {@link ServingBenchmark} measured: the {@code results.json}, where names are in snake case.
 *
 * @param command the command that measured it
 * @param fgrams the rows that every store holds
 * @param rowBytes the bytes of one
 * @param rounds how often each cell was measured
 * @param secondsPerCell how long each time
 * @param skipped the stores that were not measured, and why
 * @param sizes how much disk the stores take
 * @param starts how long the cache server takes to start
 * @param results one for each store and cell
 */
public record ServingResults(
    Machine machine,
    String command,
    int fgrams,
    int rowBytes,
    int rounds,
    double secondsPerCell,
    Map<String, String> skipped,
    List<Size> sizes,
    List<Start> starts,
    List<Result> results)
    implements BenchmarkResults {
  /**
   * The disk that a store takes.
   *
   * @param perPayload the bytes over those of the rows alone
   */
  public record Size(String system, long bytes, double perPayload) {}

  /** The seconds from the start of the cache server's process until its health is SERVING. */
  public record Start(String system, double medianSeconds, double minSeconds, double maxSeconds) {}

  /**
   * One store in one cell.
   *
   * @param system the store
   * @param batch the positions or f-grams of a call
   * @param inFlight the calls under way at any time
   * @param positionsPerSecond the median of the rounds
   * @param rowsPerSecond the positions that have a row, each with its row; the median
   * @param p50Us half of the calls of all rounds took no longer, in microseconds
   * @param p99Us 99 % of them took no longer
   * @param serverCpuUsPerRow the processor time of the serving process for each row, the median; of
   *     a store in the asking process it is that of both
   * @param min the fewest positions a second in a round
   * @param max the most
   */
  public record Result(
      String system,
      String workload,
      int batch,
      int inFlight,
      double positionsPerSecond,
      double rowsPerSecond,
      double p50Us,
      double p99Us,
      double serverCpuUsPerRow,
      double min,
      double max) {}

  /**
   * Reads results.
   *
   * @throws IOException if the file is none of them
   */
  public static ServingResults read(Path file) throws IOException {
    try {
      return JSON.readValue(file.toFile(), ServingResults.class);
    } catch (JacksonException e) {
      throw new IOException(file + " holds no results: " + e.getOriginalMessage(), e);
    }
  }
}
