package io.scone.bench;

import io.scone.fgram.FgramIndex;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** One question to a store. */
interface Query {
  /** Asks it; the future is done once the receiver has been shown every row. */
  CompletableFuture<Void> ask(Caller caller, Receiver receiver);

  /** Returns the positions or f-grams it asks for. */
  int positions();

  /** Returns the rows that the right answer shows. */
  int rows(FgramIndex index);

  /** Says whether the right answer shows the row of an f-gram. */
  boolean wants(int[] tokens, int offset, int length, FgramIndex index);

  /**
   * The positions {@code from} to {@code end}, exclusive, of a text; no f-gram may begin before
   * {@code start}.
   */
  final class Window implements Query {
    private final int[] tokens;
    private final int start;
    private final int from;
    private final int end;

    Window(int[] tokens, int start, int from, int end) {
      this.tokens = tokens;
      this.start = start;
      this.from = from;
      this.end = end;
    }

    int[] tokens() {
      return tokens;
    }

    int start() {
      return start;
    }

    int from() {
      return from;
    }

    int end() {
      return end;
    }

    @Override
    public CompletableFuture<Void> ask(Caller caller, Receiver receiver) {
      return caller.match(this, receiver);
    }

    @Override
    public int positions() {
      return end - from;
    }

    @Override
    public int rows(FgramIndex index) {
      int rows = 0;
      for (int i = from; i < end; i++) {
        rows += index.longestMatch(tokens, start, i) == FgramIndex.NONE ? 0 : 1;
      }
      return rows;
    }

    @Override
    public boolean wants(int[] text, int offset, int length, FgramIndex index) {
      long match = index.longestMatch(tokens, start, offset + length - 1);
      return match != FgramIndex.NONE && FgramIndex.length(match) == length;
    }
  }

  /** Some f-grams, all of which the store holds. */
  record Keys(List<int[]> fgrams) implements Query {
    @Override
    public CompletableFuture<Void> ask(Caller caller, Receiver receiver) {
      return caller.lookup(fgrams, receiver);
    }

    @Override
    public int positions() {
      return fgrams.size();
    }

    @Override
    public int rows(FgramIndex index) {
      return fgrams.size();
    }

    @Override
    public boolean wants(int[] tokens, int offset, int length, FgramIndex index) {
      return index.find(tokens, offset, length) >= 0;
    }
  }
}
