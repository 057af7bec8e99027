package io.scone.bench.micro;

import io.scone.mining.FgramCursor;
import io.scone.mining.FgramFile;
import io.scone.table.Residency;
import io.scone.table.Table;
import io.scone.table.TableReader;
import java.io.IOException;
import java.nio.file.Path;
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
import org.openjdk.jmh.annotations.TearDown;

/** Rows of a prepared table by f-gram, uniformly at random. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@State(Scope.Thread)
public class StoreBenchmark {
  /** Where a table has its rows. */
  public enum Place {
    DISK,
    RAM
  }

  private static final int SAMPLES = 1 << 20;

  /** The directory; the command sets it. */
  @Param("benchmark")
  public String directory;

  /** Where the rows are. */
  @Param public Place place;

  private int[][] fgrams;
  private int[] samples;
  private Table table;
  private TableReader reader;
  private byte[] row;
  private int next;

  @Setup
  public void open() throws IOException {
    FgramFile file = FgramFile.open(Path.of(directory, "fgrams.bin"));
    fgrams = new int[file.size()][];
    try (FgramCursor cursor = file.cursor()) {
      for (int i = 0; cursor.next(); i++) {
        fgrams[i] = cursor.tokens();
      }
    }
    Random random = new Random(1);
    samples = random.ints(SAMPLES, 0, fgrams.length).toArray();
    Residency residency = place == Place.RAM ? Residency.ram() : Residency.disk();
    table = Table.open(Path.of(directory, "table"), residency);
    reader = table.reader();
    row = new byte[table.manifest().rowBytes()];
  }

  @TearDown
  public void close() {
    reader.close();
    table.close();
  }

  @Benchmark
  public byte[] read() throws IOException {
    int ordinal = samples[next++ & (SAMPLES - 1)];
    int[] fgram = fgrams[ordinal];
    reader.read(ordinal, fgram, 0, fgram.length, row, 0);
    return row;
  }
}
