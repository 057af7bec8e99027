package io.scone.inference;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.row.RowCodec;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Rows computed by the f-gram model when they are needed: slow, and in need of no table. */
public final class ComputedRows implements RowSource {
  private final FgramIndex index;
  private final FgramModel model;
  private final RowCodec codec;

  /**
   * Makes a source over a bundle's f-grams.
   *
   * @param index the f-grams
   * @param model computes their rows; closed with this source
   * @param codec how a table stores rows: what is found is what the table would give, bit for bit.
   *     An {@code f32} codec leaves rows as they are computed
   */
  public ComputedRows(FgramIndex index, FgramModel model, RowCodec codec) {
    if (index.maxNgram() > model.maxNgram()) {
      throw new IllegalArgumentException(
          "f-grams of up to "
              + index.maxNgram()
              + " tokens for a model of up to "
              + model.maxNgram());
    }
    if (codec.dim() != model.dim()) {
      throw new IllegalArgumentException(
          "a codec of " + codec.dim() + " values for rows of " + model.dim());
    }
    this.index = index;
    this.model = model;
    this.codec = codec;
  }

  @Override
  public int context() {
    return index.maxNgram() - 1;
  }

  @Override
  public FgramRows find(List<TokenWindow> windows) {
    int asked = windows.stream().mapToInt(w -> w.tokens().length - w.context()).sum();
    int[] positions = new int[asked];
    int[] ordinals = new int[asked];
    int[] lengths = new int[asked];
    Map<Integer, int[]> fgrams = new LinkedHashMap<>(); // the distinct ones, by ordinal
    int matches = 0;
    int position = 0;
    for (TokenWindow window : windows) {
      int[] tokens = window.tokens();
      for (int end = window.context(); end < tokens.length; end++, position++) {
        long match = index.longestMatch(tokens, 0, end);
        if (match == FgramIndex.NONE) {
          continue;
        }
        int length = FgramIndex.length(match);
        positions[matches] = position;
        ordinals[matches] = FgramIndex.ordinal(match);
        lengths[matches] = length;
        fgrams.putIfAbsent(
            ordinals[matches], Arrays.copyOfRange(tokens, end + 1 - length, end + 1));
        matches++;
      }
    }
    Map<Integer, Integer> rowIndices = new HashMap<>(); // by ordinal
    ByteBuffer rows = compute(fgrams, rowIndices);
    return new FgramRows(
        Arrays.copyOf(positions, matches),
        Arrays.stream(ordinals, 0, matches).map(rowIndices::get).toArray(),
        Arrays.copyOf(lengths, matches),
        rows,
        codec);
  }

  /** Computes the rows of f-grams, one run for each length, and notes each one's place. */
  private ByteBuffer compute(Map<Integer, int[]> fgrams, Map<Integer, Integer> rowIndices) {
    float[] values = new float[fgrams.size() * model.dim()];
    for (int length = FgramKey.MIN_TOKENS; length <= index.maxNgram(); length++) {
      int first = rowIndices.size();
      IntStream.Builder tokens = IntStream.builder();
      for (Map.Entry<Integer, int[]> fgram : fgrams.entrySet()) {
        if (fgram.getValue().length == length) {
          rowIndices.put(fgram.getKey(), rowIndices.size());
          Arrays.stream(fgram.getValue()).forEach(tokens);
        }
      }
      model.compute(tokens.build().toArray(), length, values, first * model.dim());
    }
    ByteBuffer rows = ByteBuffer.allocate(Math.multiplyExact(fgrams.size(), codec.rowBytes()));
    for (int at = 0; at < values.length; at += codec.dim()) {
      codec.encode(values, at, rows);
    }
    return rows.flip();
  }

  @Override
  public void close() {
    model.close();
  }
}
