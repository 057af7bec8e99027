package io.scone.precompute;

import io.scone.fgram.FgramKey;
import io.scone.inference.Bundle;
import io.scone.inference.FgramModel;
import io.scone.manifest.TableManifest;
import io.scone.mining.FgramCursor;
import io.scone.mining.FgramFile;
import io.scone.progress.Progress;
import io.scone.row.Dtype;
import io.scone.row.RowCodec;
import io.scone.table.TableSpec;
import io.scone.table.TableWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * The run of the f-gram model over every f-gram of a bundle, which makes its table.
 *
 * <p>Rows are written in key order, in which f-grams of all lengths are mixed. So a chunk of
 * f-grams in key order is sorted by length into batches without padding, several threads compute
 * the batches, and the chunk is written. A row's bits do not depend on its batch (see {@link
 * FgramModel}): neither chunks, threads nor a resumption show in the table.
 */
public final class Precompute {
  /** F-grams that are computed before any of them is written. */
  private static final int CHUNK = 8192;

  /** F-grams of one run of the model: enough to keep its matrix products busy. */
  private static final int BATCH = 128;

  private static final class Fgram {
    final int[] tokens;
    final long count;

    Fgram(int[] tokens, long count) {
      this.tokens = tokens;
      this.count = count;
    }
  }

  private final FgramModel model;
  private final RowCodec codec;
  private final ExecutorService executor;

  private Precompute(FgramModel model, RowCodec codec, ExecutorService executor) {
    this.model = model;
    this.codec = codec;
    this.executor = executor;
  }

  /**
   * Makes the table of a bundle. It appears complete and durable, or not at all; a run that was
   * ended early is resumed by the next one with the same arguments.
   *
   * @param table the directory to make; it must not exist
   * @param dtype how the rows are stored
   * @param threads how many compute
   * @param madeBy the program and its release
   * @return the table's manifest
   * @throws IOException if the bundle is damaged or the table cannot be written
   */
  public static TableManifest run(
      Bundle bundle, Path table, Dtype dtype, int threads, String madeBy, Progress progress)
      throws IOException {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads; it takes at least 1");
    }
    FgramFile fgrams = FgramFile.open(bundle.fgrams());
    TableSpec spec = TableSpec.of(bundle.manifest(), dtype, madeBy);
    try (TableWriter writer = TableWriter.create(table, spec);
        FgramModel model = FgramModel.open(bundle, 1)) { // each thread works on its own batch
      ExecutorService executor = Executors.newFixedThreadPool(threads);
      try {
        new Precompute(model, spec.rowCodec(), executor).write(fgrams, writer, progress);
      } finally {
        executor.shutdownNow();
      }
      return writer.publish();
    }
  }

  private void write(FgramFile fgrams, TableWriter writer, Progress progress) throws IOException {
    progress.begin("computing rows", fgrams.size(), "f-grams");
    try (FgramCursor cursor = fgrams.cursor()) {
      for (long i = 0; i < writer.rowsWritten(); i++) {
        cursor.next();
      }
      progress.advance(writer.rowsWritten());
      for (List<Fgram> chunk = next(cursor); !chunk.isEmpty(); chunk = next(cursor)) {
        byte[] rows = compute(chunk, progress);
        for (int i = 0; i < chunk.size(); i++) {
          writer.add(
              FgramKey.encode(chunk.get(i).tokens),
              chunk.get(i).count,
              ByteBuffer.wrap(rows, i * codec.rowBytes(), codec.rowBytes()));
        }
      }
    }
    progress.end();
  }

  private static List<Fgram> next(FgramCursor cursor) throws IOException {
    List<Fgram> chunk = new ArrayList<>();
    while (chunk.size() < CHUNK && cursor.next()) {
      chunk.add(new Fgram(cursor.tokens(), cursor.count()));
    }
    return chunk;
  }

  /** Returns the encoded rows of f-grams, in their order. */
  private byte[] compute(List<Fgram> fgrams, Progress progress) throws IOException {
    byte[] rows = new byte[Math.multiplyExact(fgrams.size(), codec.rowBytes())];
    List<Callable<Void>> batches = new ArrayList<>();
    for (int length = FgramKey.MIN_TOKENS; length <= model.maxNgram(); length++) {
      int n = length;
      int[] places =
          IntStream.range(0, fgrams.size()).filter(i -> fgrams.get(i).tokens.length == n).toArray();
      for (int from = 0; from < places.length; from += BATCH) {
        int[] batch = Arrays.copyOfRange(places, from, Math.min(from + BATCH, places.length));
        batches.add(
            () -> {
              compute(fgrams, n, batch, rows);
              progress.advance(batch.length);
              return null;
            });
      }
    }
    try {
      for (Future<Void> done : executor.invokeAll(batches)) {
        done.get();
      }
      return rows;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    } catch (ExecutionException e) {
      throw new IOException(e.getCause().getMessage(), e);
    }
  }

  /** Computes the rows of those f-grams of one length that are at the given places. */
  private void compute(List<Fgram> fgrams, int length, int[] places, byte[] rows)
      throws IOException {
    int[] tokens =
        Arrays.stream(places).flatMap(place -> Arrays.stream(fgrams.get(place).tokens)).toArray();
    float[] values = new float[places.length * model.dim()];
    model.compute(tokens, length, values, 0);
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IOException(
            "the f-gram model gives rows that are not numbers: its weights are damaged, or its"
                + " training has diverged");
      }
    }
    for (int i = 0; i < places.length; i++) {
      codec.encode(
          values,
          i * model.dim(),
          ByteBuffer.wrap(rows, places[i] * codec.rowBytes(), codec.rowBytes()));
    }
  }
}
