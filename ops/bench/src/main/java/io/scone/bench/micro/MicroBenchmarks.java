package io.scone.bench.micro;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** The run of the benchmarks of this package. */
public final class MicroBenchmarks {
  private static final String DIRECTORY = "directory";

  private MicroBenchmarks() {}

  /**
   * One benchmark's result.
   *
   * @param benchmark its class and method
   * @param parameters what it was run with, such as {@code dtype=F16}
   * @param nanos the mean time of an operation
   * @param error half of the 99.9 % confidence interval; NaN if too few iterations give none
   */
  public record Timing(String benchmark, String parameters, double nanos, double error) {}

  /**
   * Runs the benchmarks, each in virtual machines of its own.
   *
   * @param pattern a regular expression that their names match somewhere
   * @param directory a prepared directory
   * @param forks virtual machines for each
   * @param seconds the time of an iteration
   * @param quiet whether JMH shall not show its progress on standard output
   * @throws RunnerException if none has such a name, or one fails
   */
  public static List<Timing> run(
      String pattern, Path directory, int forks, double seconds, boolean quiet)
      throws RunnerException {
    TimeValue time = TimeValue.milliseconds(Math.max(1, (long) (seconds * 1000)));
    Options options =
        new OptionsBuilder()
            .include(MicroBenchmarks.class.getPackageName() + ".*" + pattern)
            .param(DIRECTORY, directory.toString())
            .forks(forks)
            .warmupIterations(3)
            .warmupTime(time)
            .measurementIterations(5)
            .measurementTime(time)
            .shouldFailOnError(true)
            .verbosity(quiet ? VerboseMode.SILENT : VerboseMode.NORMAL)
            .build();
    Collection<RunResult> results = new Runner(options).run();
    return results.stream().map(MicroBenchmarks::timing).toList();
  }

  private static Timing timing(RunResult run) {
    BenchmarkParams parameters = run.getParams();
    List<String> shown = new ArrayList<>();
    for (String key : parameters.getParamsKeys()) {
      if (!key.equals(DIRECTORY)) {
        shown.add(key + "=" + parameters.getParam(key));
      }
    }
    String name = parameters.getBenchmark();
    int simple = name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1;
    Result<?> result = run.getPrimaryResult();
    return new Timing(
        name.substring(simple), String.join(" ", shown), result.getScore(), result.getScoreError());
  }
}
