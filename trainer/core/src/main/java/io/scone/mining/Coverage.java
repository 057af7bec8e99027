package io.scone.mining;

import io.scone.concurrent.Workers;
import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.progress.Progress;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** How much of a corpus f-grams match. */
public final class Coverage {
  private static final int BLOCK = 1 << 16;

  private final long positions;
  private final long[] matches;

  private Coverage(long positions, long[] matches) {
    this.positions = positions;
    this.matches = matches;
  }

  /** Finds the longest match at every position of a corpus. */
  public static Coverage of(TokenCorpus corpus, FgramIndex index, int threads, Progress progress)
      throws IOException {
    AtomicLong next = new AtomicLong();
    progress.begin("matching", corpus.tokenCount(), "tokens");
    List<long[]> parts = Workers.run(threads, () -> countSome(corpus, index, next, progress));
    progress.end();
    long[] matches = new long[index.maxNgram() + 1];
    for (long[] part : parts) {
      Arrays.setAll(matches, n -> matches[n] + part[n]);
    }
    return new Coverage(corpus.tokenCount() - corpus.documentCount(), matches);
  }

  /** Returns the positions: all tokens that do not end a text. */
  public long positions() {
    return positions;
  }

  /** Returns the positions whose longest match has n tokens. */
  public long matches(int n) {
    return matches[n];
  }

  /** Returns the positions that have a match. */
  public long matches() {
    return Arrays.stream(matches).sum();
  }

  /** Returns the tokens that the longest match has on average, where there is one. */
  public double meanLength() {
    long tokens = 0;
    for (int n = 0; n < matches.length; n++) {
      tokens += n * matches[n];
    }
    return (double) tokens / Math.max(1, matches());
  }

  private static long[] countSome(
      TokenCorpus corpus, FgramIndex index, AtomicLong next, Progress progress) {
    int overlap = index.maxNgram() - 1;
    int[] tokens = new int[overlap + BLOCK];
    long[] matches = new long[index.maxNgram() + 1];
    for (long from = next.getAndAdd(BLOCK);
        from < corpus.tokenCount();
        from = next.getAndAdd(BLOCK)) {
      int context = (int) Math.min(overlap, from);
      int length = (int) Math.min(BLOCK, corpus.tokenCount() - from);
      corpus.read(from - context, tokens, 0, context + length);
      for (int i = context; i < context + length; i++) {
        long match = index.longestMatch(tokens, 0, i);
        if (match != FgramIndex.NONE) {
          matches[FgramIndex.length(match)]++;
        }
      }
      progress.advance(length);
    }
    return matches;
  }
}
