package io.scone.bench;

import io.scone.corpus.TokenCorpus;
import io.scone.mining.FgramMiner;
import io.scone.mining.MiningOptions;
import io.scone.mining.MiningReport;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A process that mines one corpus, with as much Java heap as this one, and is watched. */
final class MiningProcess {
  private static final long SAMPLE_MILLIS = 20;
  private static final double NANOS = 1e9;
  private static final double MIB = 1 << 20;

  private MiningProcess() {}

  /** What the process says of itself when it is done. */
  record Outcome(double seconds, Map<String, Double> stageSeconds, MiningReport report) {}

  /**
   * Mines a corpus and returns what it took.
   *
   * @param fgrams the file to write
   * @param log what the process says when it fails
   * @throws IOException if it fails
   */
  static MiningResults.Result measure(
      Path tokens, long size, MiningOptions options, Path fgrams, Path log) throws IOException {
    List<String> command =
        ChildProcess.java(
            List.of("-Xmx" + Runtime.getRuntime().maxMemory()),
            MiningProcess.class.getName(),
            List.of(
                tokens.toString(),
                fgrams.toString(),
                Integer.toString(options.maxNgram()),
                Integer.toString(options.size()),
                Long.toString(options.minCount()),
                Integer.toString(options.minDocuments()),
                Long.toString(options.memoryBytes()),
                Integer.toString(options.threads())));
    try (ChildProcess child = ChildProcess.start(command, log)) {
      Process process = child.process();
      double anonymous = 0;
      double mapped = 0;
      long begun = System.nanoTime();
      do {
        ProcessMemory memory = ProcessMemory.of(process.toHandle(), begun);
        anonymous = Math.max(anonymous, memory.anonymous());
        mapped = Math.max(mapped, memory.resident() - memory.anonymous());
      } while (!process.waitFor(SAMPLE_MILLIS, TimeUnit.MILLISECONDS));
      if (process.exitValue() != 0) {
        throw new IOException("mining failed: " + Files.readString(log).strip());
      }
      Outcome outcome = BenchmarkResults.JSON.readValue(process.getInputStream(), Outcome.class);
      return new MiningResults.Result(
          size,
          outcome.seconds(),
          anonymous,
          mapped,
          outcome.report().temporaryBytes() / MIB,
          outcome.stageSeconds(),
          outcome.report().lengths());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while mining");
    }
  }

  /** The process: mines and prints its {@link Outcome}. */
  public static void main(String[] arguments) throws IOException {
    TokenCorpus corpus = TokenCorpus.open(Path.of(arguments[0]));
    MiningOptions options =
        new MiningOptions(
            Integer.parseInt(arguments[2]),
            Integer.parseInt(arguments[3]),
            Long.parseLong(arguments[4]),
            Integer.parseInt(arguments[5]),
            Long.parseLong(arguments[6]),
            Integer.parseInt(arguments[7]));
    StageTimes stages = new StageTimes();
    long begun = System.nanoTime();
    MiningReport report = FgramMiner.mine(corpus, options, Path.of(arguments[1]), stages);
    double seconds = (System.nanoTime() - begun) / NANOS;
    BenchmarkResults.JSON.writeValue(System.out, new Outcome(seconds, stages.seconds(), report));
  }
}
