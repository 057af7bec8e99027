package io.scone.bench.micro;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** The longest f-gram at each position of real text; the time is that of one position. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class MatchBenchmark {
  private static final int WINDOW = 1024;

  private int next;

  @Benchmark
  @OperationsPerInvocation(WINDOW)
  public long longestMatch(PreparedText text) {
    if (next + WINDOW > text.tokens.length) {
      next = 0;
    }
    long sum = 0;
    for (int i = next; i < next + WINDOW; i++) {
      sum += text.index.longestMatch(text.tokens, 0, i);
    }
    next += WINDOW;
    return sum;
  }
}
