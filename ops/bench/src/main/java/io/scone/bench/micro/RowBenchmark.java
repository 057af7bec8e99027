package io.scone.bench.micro;

import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Rows of 768 values to bytes and back. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class RowBenchmark {
  private static final int DIM = 768;

  @Param public Dtype dtype;

  private final float[] values = new float[DIM];
  private RowCodec codec;
  private ByteBuffer row;

  @Setup
  public void encodeOnce() {
    Random random = new Random(1);
    for (int i = 0; i < DIM; i++) {
      values[i] = (float) random.nextGaussian();
    }
    codec = new RowCodec(dtype, DIM);
    row = ByteBuffer.allocateDirect(codec.rowBytes());
    codec.encode(values, 0, row);
  }

  @Benchmark
  public ByteBuffer encode() {
    codec.encode(values, 0, row.clear());
    return row;
  }

  @Benchmark
  public float[] decode() {
    codec.decode(row.clear(), values, 0);
    return values;
  }
}
