package io.scone.bench.micro;

import io.scone.fgram.FgramKey;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** F-grams to keys and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class KeyBenchmark {
  @Param({"2", "5"})
  public int length;

  private final int[] tokens = {262, 1573, 286, 50256, 11};
  private final byte[] room = new byte[tokens.length * FgramKey.TOKEN_BYTES];
  private byte[] key;

  @Setup
  public void encodeOnce() {
    key = FgramKey.encode(tokens, 0, length);
  }

  @Benchmark
  public int encode() {
    return FgramKey.encode(tokens, 0, length, room);
  }

  @Benchmark
  public int[] decode() {
    return FgramKey.decode(key);
  }
}
