package io.scone.server;

import io.scone.table.Table;
import io.scone.v1.ListFrequentFgramsResponse;
import it.unimi.dsi.fastutil.ints.IntArrays;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** The most frequent f-grams of a table, by their counts. Immutable. */
final class FrequentFgrams {
  /** Named in one reply: their rows make a call or a few. */
  static final int MOST_AT_ONCE = 1024;

  private static final int MOST_LISTED = 1 << 20;

  private final int[][] fgrams;

  private FrequentFgrams(int[][] fgrams) {
    this.fgrams = fgrams;
  }

  /** Reads the f-grams of a table and sorts them. */
  static FrequentFgrams of(Table table) throws IOException {
    return of(table, MOST_LISTED);
  }

  /** Lists no more than a number of f-grams. */
  static FrequentFgrams of(Table table, int most) throws IOException {
    LongArrayList all = new LongArrayList();
    table.scanFgrams((tokens, count) -> all.add(count));
    long[] sorted = all.toLongArray();
    Arrays.sort(sorted);
    int size = Math.min(most, sorted.length);
    long least = size == 0 ? 0 : sorted[sorted.length - size];
    int[] leastLeft = {size - above(least, sorted)};
    List<int[]> fgrams = new ArrayList<>(size);
    LongArrayList counts = new LongArrayList(size);
    table.scanFgrams(
        (tokens, count) -> {
          if (count > least || (count == least && leastLeft[0]-- > 0)) {
            fgrams.add(tokens);
            counts.add(count);
          }
        });
    int[] order = new int[fgrams.size()];
    Arrays.setAll(order, i -> i);
    IntArrays.mergeSort(
        order, (left, right) -> Long.compare(counts.getLong(right), counts.getLong(left)));
    return new FrequentFgrams(Arrays.stream(order).mapToObj(fgrams::get).toArray(int[][]::new));
  }

  /** Returns the f-grams, each in reading order. */
  List<int[]> all() {
    return List.of(fgrams);
  }

  /** Returns how many of some sorted numbers are above one that is among them. */
  private static int above(long number, long[] sorted) {
    int above = 0;
    while (above < sorted.length && sorted[sorted.length - 1 - above] > number) {
      above++;
    }
    return above;
  }

  /**
   * Returns the f-grams from an offset on, as many as one reply names, or nothing while they are
   * not sorted.
   *
   * @throws io.grpc.StatusRuntimeException INVALID_ARGUMENT if the offset is beyond the last
   */
  static ListFrequentFgramsResponse part(ServedTable table, long offset) {
    ListFrequentFgramsResponse.Builder part =
        ListFrequentFgramsResponse.newBuilder().setServedBy(table.version());
    FrequentFgrams frequent = table.frequent();
    if (frequent == null) {
      return part.build();
    }
    int[][] fgrams = frequent.fgrams;
    if (Long.compareUnsigned(offset, fgrams.length) > 0) {
      throw Failures.malformed(
          "offset",
          "offset is "
              + Long.toUnsignedString(offset)
              + "; "
              + fgrams.length
              + " f-grams are listed");
    }
    int end = (int) Math.min(fgrams.length, offset + MOST_AT_ONCE);
    for (int i = (int) offset; i < end; i++) {
      part.addLengths(fgrams[i].length);
      for (int token : fgrams[i]) {
        part.addTokens(token);
      }
    }
    return part.setTotal(fgrams.length).build();
  }
}
