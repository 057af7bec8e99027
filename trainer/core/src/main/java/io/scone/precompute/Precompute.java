package io.scone.precompute;

import io.scone.fgram.FgramKey;
import io.scone.inference.Bundle;
import io.scone.inference.Device;
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
 * the batches, and the chunk is written while they compute the next one. A row's bits do not depend
 * on its batch (see {@link FgramModel}): neither chunks, threads nor a resumption show in the
 * table.
 */
public final class Precompute {
  /** Runs of the model in a chunk, so that each length fills some. */
  private static final int RUNS = 64;

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
   * @param device where the model runs
   * @param threads how many compute, or feed the GPU and take its rows
   * @param madeBy the program and its release
   * @return the table's manifest
   * @throws IOException if the bundle is damaged, the device cannot be used or the table cannot be
   *     written
   */
  public static TableManifest run(
      Bundle bundle,
      Path table,
      Dtype dtype,
      Device device,
      int threads,
      String madeBy,
      Progress progress)
      throws IOException {
    if (threads < 1) {
      throw new IllegalArgumentException(threads + " threads; it takes at least 1");
    }
    FgramFile fgrams = FgramFile.open(bundle.fgrams());
    TableSpec spec = TableSpec.of(bundle.manifest(), dtype, madeBy);
    try (TableWriter writer = TableWriter.create(table, spec);
        FgramModel model =
            FgramModel.open(bundle, device, 1)) { // each thread works on its own batch
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
      Chunk chunk = begin(next(cursor), progress);
      while (!chunk.fgrams.isEmpty()) {
        Chunk following = begin(next(cursor), progress);
        byte[] rows = chunk.rows();
        for (int i = 0; i < chunk.fgrams.size(); i++) {
          writer.add(
              FgramKey.encode(chunk.fgrams.get(i).tokens),
              chunk.fgrams.get(i).count,
              ByteBuffer.wrap(rows, i * codec.rowBytes(), codec.rowBytes()));
        }
        chunk = following;
      }
    }
    progress.end();
  }

  private List<Fgram> next(FgramCursor cursor) throws IOException {
    List<Fgram> fgrams = new ArrayList<>();
    while (fgrams.size() < RUNS * model.runSize() && cursor.next()) {
      fgrams.add(new Fgram(cursor.tokens(), cursor.count()));
    }
    return fgrams;
  }

  /** Some f-grams whose rows are being computed. */
  private static final class Chunk {
    private final List<Fgram> fgrams;
    private final byte[] rows;
    private final List<Future<Void>> batches = new ArrayList<>();

    Chunk(List<Fgram> fgrams, int rowBytes) {
      this.fgrams = fgrams;
      this.rows = new byte[Math.multiplyExact(fgrams.size(), rowBytes)];
    }

    /** Waits for the encoded rows of all f-grams, in their order. */
    byte[] rows() throws IOException {
      try {
        for (Future<Void> batch : batches) {
          batch.get();
        }
        return rows;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("interrupted");
      } catch (ExecutionException e) {
        throw new IOException(e.getCause().getMessage(), e);
      }
    }
  }

  /** Begins to compute the rows of f-grams. */
  private Chunk begin(List<Fgram> fgrams, Progress progress) {
    Chunk chunk = new Chunk(fgrams, codec.rowBytes());
    for (int length = FgramKey.MIN_TOKENS; length <= model.maxNgram(); length++) {
      int n = length;
      int[] places =
          IntStream.range(0, fgrams.size()).filter(i -> fgrams.get(i).tokens.length == n).toArray();
      for (int from = 0; from < places.length; from += model.runSize()) {
        int to = Math.min(from + model.runSize(), places.length);
        int[] batch = Arrays.copyOfRange(places, from, to);
        chunk.batches.add(
            executor.submit(
                () -> {
                  compute(fgrams, n, batch, chunk.rows);
                  progress.advance(batch.length);
                  return null;
                }));
      }
    }
    return chunk;
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
