package io.scone.bench;

import java.util.List;

/**
 * What {@link SoakBenchmark} saw: the {@code soak.json}, where names are in snake case.
 *
 * @param command the command that ran it
 * @param minutes how long
 * @param batch the positions of a call
 * @param inFlight the calls under way at any time
 * @param swaps how often the served table was exchanged for another version
 * @param calls the calls that were answered
 * @param rows their rows, every byte of which was checked against the f-gram and the version
 * @param wrongAnswers the calls whose answer was not right
 * @param errors the calls and the swaps that failed
 * @param firstFailure the first of either, or an empty text
 * @param resident the memory of the server's process when a swap is done and one version is loaded
 * @param anonymous the part of it that is no mapped file
 * @param peakResidentMib the most memory of the server's process in a sample; while a swap is under
 *     way two versions are loaded
 * @param samples how it went, in order
 */
public record SoakResults(
    Machine machine,
    String command,
    double minutes,
    int batch,
    int inFlight,
    long swaps,
    long calls,
    long rows,
    long wrongAnswers,
    long errors,
    String firstFailure,
    double positionsPerSecond,
    double p50Us,
    double p99Us,
    double maxUs,
    Trend resident,
    Trend anonymous,
    double peakResidentMib,
    List<Sample> samples)
    implements BenchmarkResults {
  /**
   * An interval.
   *
   * @param seconds since the beginning, at its end
   * @param residentMib the memory of the server's process at its end
   * @param anonymousMib the part of it that is no mapped file
   */
  public record Sample(
      double seconds,
      double positionsPerSecond,
      double p50Us,
      double p99Us,
      double maxUs,
      double residentMib,
      double anonymousMib,
      long swaps) {}

  /** Says whether all was right: no error, no wrong answer, and swaps that it was right through. */
  public boolean passed() {
    return errors == 0 && wrongAnswers == 0 && swaps > 0 && calls > 0;
  }
}
