package io.scone.bench.micro;

import java.util.Arrays;
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

  private final int[] starts = new int[WINDOW];
  private final int[] positions = new int[WINDOW];
  private final long[] matches = new long[WINDOW];
  private int next;

  @Benchmark
  @OperationsPerInvocation(WINDOW)
  public long longestMatch(PreparedText text) {
    advance(text);
    long sum = 0;
    for (int position : positions) {
      sum += text.index.longestMatch(text.tokens, 0, position);
    }
    return sum;
  }

  @Benchmark
  @OperationsPerInvocation(WINDOW)
  public long[] longestMatches(PreparedText text) {
    advance(text);
    text.index.longestMatches(text.tokens, starts, positions, 0, WINDOW, matches);
    return matches;
  }

  private void advance(PreparedText text) {
    if (next + WINDOW > text.tokens.length) {
      next = 0;
    }
    Arrays.setAll(positions, i -> next + i);
    next += WINDOW;
  }
}
