package io.scone.bench;

import io.scone.fgram.FgramKey;

/**
 * The keys that a client which knows no f-grams must ask for: at each position of a window every
 * n-gram of 2 to K tokens that ends there, shortest first.
 */
final class Candidates {
  private final byte[][] keys;
  private final int[] firstOfPosition;

  private Candidates(byte[][] keys, int[] firstOfPosition) {
    this.keys = keys;
    this.firstOfPosition = firstOfPosition;
  }

  static Candidates of(Query.Window window, int maxNgram) {
    int[] first = new int[window.positions() + 1];
    for (int i = 0; i < window.positions(); i++) {
      int room = window.from() + i - window.start() + 1;
      first[i + 1] = first[i] + Math.max(0, Math.min(maxNgram, room) - 1);
    }
    byte[][] keys = new byte[first[window.positions()]][];
    for (int i = 0; i < window.positions(); i++) {
      for (int key = first[i]; key < first[i + 1]; key++) {
        int length = key - first[i] + FgramKey.MIN_TOKENS;
        keys[key] = FgramKey.encode(window.tokens(), window.from() + i - length + 1, length);
      }
    }
    return new Candidates(keys, first);
  }

  byte[][] keys() {
    return keys;
  }

  /** Returns the first candidate of a position of the window, counted from 0. */
  int first(int position) {
    return firstOfPosition[position];
  }

  /** Returns the end, exclusive, of a position's candidates. */
  int end(int position) {
    return firstOfPosition[position + 1];
  }
}
