package io.scone.server;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.table.Table;
import java.io.IOException;
import java.util.Arrays;

/**
 * The f-grams of a table by their beginnings: for an f-gram or a single token, the tokens that end
 * a longer f-gram after it, those mined most often first.
 *
 * <p>It is there for tables that hold the beginnings of their f-grams, too, as mining has them;
 * that of another table, such as a shard, is empty. Immutable.
 */
final class ForwardIndex {
  /*
   * The f-grams are sorted by what they begin with, then by count. What one begins with is a node,
   * numbered as in FgramIndex: a token by itself, the f-gram of ordinal o by vocabularySize + o.
   * The f-grams of node n are those from begins[n] to begins[n + 1]. 12 bytes an f-gram.
   */

  private final FgramIndex index;
  private final int[] begins;
  private final int[] ordinals;
  private final int[] tokens;

  private ForwardIndex(FgramIndex index, int[] begins, int[] ordinals, int[] tokens) {
    this.index = index;
    this.begins = begins;
    this.ordinals = ordinals;
    this.tokens = tokens;
  }

  /** Reads the f-grams of a table and sorts them. */
  static ForwardIndex of(Table table) throws IOException {
    FgramIndex index = table.index();
    Builder builder = new Builder(index);
    table.scanFgrams(builder::add);
    return builder.build();
  }

  /** Says whether there is anything in it. */
  boolean isEmpty() {
    return ordinals.length == 0;
  }

  /** Returns the f-grams that it is made of. */
  FgramIndex fgrams() {
    return index;
  }

  /** Returns the node of an f-gram. */
  int node(int ordinal) {
    return index.vocabularySize() + ordinal;
  }

  /** Returns the first place of the f-grams that begin with a node. */
  int begin(int node) {
    return begins[node];
  }

  /** Returns the place after the last of the f-grams that begin with a node. */
  int end(int node) {
    return begins[node + 1];
  }

  /** Returns the ordinal of the f-gram at a place. */
  int ordinal(int place) {
    return ordinals[place];
  }

  /** Returns the last token of the f-gram at a place. */
  int token(int place) {
    return tokens[place];
  }

  private static final class Builder {
    private final FgramIndex index;
    private final int[] parents;
    private final int[] counts;
    private final int[] lastTokens;
    private final int[] begins;
    private int size;
    private boolean closed = true;

    Builder(FgramIndex index) {
      this.index = index;
      this.parents = new int[index.size()];
      this.counts = new int[index.size()];
      this.lastTokens = new int[index.size()];
      this.begins = new int[index.vocabularySize() + index.size() + 1];
    }

    void add(int[] fgram, long count) {
      int parent = fgram[0];
      if (fgram.length > FgramKey.MIN_TOKENS) {
        int ordinal = index.find(fgram, 0, fgram.length - 1);
        closed &= ordinal >= 0;
        parent = index.vocabularySize() + Math.max(0, ordinal);
      }
      parents[size] = parent;
      counts[size] = (int) Math.min(Integer.MAX_VALUE, count);
      lastTokens[size++] = fgram[fgram.length - 1];
      begins[parent + 1]++;
    }

    ForwardIndex build() {
      if (!closed) {
        return new ForwardIndex(index, new int[0], new int[0], new int[0]);
      }
      for (int node = 1; node < begins.length; node++) {
        begins[node] += begins[node - 1];
      }
      long[] sorted = new long[size]; // more than a count before less, then ordinals
      int[] next = begins.clone();
      for (int ordinal = 0; ordinal < size; ordinal++) {
        long rank = Integer.MAX_VALUE - (long) counts[ordinal];
        sorted[next[parents[ordinal]]++] = rank << Integer.SIZE | ordinal;
      }
      int[] ordinals = new int[size];
      int[] tokens = new int[size];
      for (int node = 0; node + 1 < begins.length; node++) {
        Arrays.sort(sorted, begins[node], begins[node + 1]);
      }
      for (int place = 0; place < size; place++) {
        ordinals[place] = (int) sorted[place];
        tokens[place] = lastTokens[ordinals[place]];
      }
      return new ForwardIndex(index, begins, ordinals, tokens);
    }
  }
}
