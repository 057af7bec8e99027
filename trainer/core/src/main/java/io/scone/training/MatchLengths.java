package io.scone.training;

import io.scone.concurrent.Workers;
import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.progress.Progress;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * For each token of a corpus the length of the longest f-gram that ends there; one byte a token.
 *
 * <p>Safe for use by many threads.
 */
final class MatchLengths {
  /** No f-grams anywhere: every input is its token's own embedding. */
  static final MatchLengths NONE = new MatchLengths(null);

  private static final int CHUNK = 1 << 16;

  private final byte[][] chunks;

  private MatchLengths(byte[][] chunks) {
    this.chunks = chunks;
  }

  /** Matches all of a corpus. */
  static MatchLengths of(TokenCorpus corpus, FgramIndex fgrams, Progress progress)
      throws IOException {
    long tokens = corpus.tokenCount();
    byte[][] chunks = new byte[Math.toIntExact((tokens + CHUNK - 1) / CHUNK)][];
    AtomicInteger next = new AtomicInteger();
    progress.begin("match f-grams", tokens, "tokens");
    Workers.run(
        Runtime.getRuntime().availableProcessors(),
        () -> {
          for (int i = next.getAndIncrement(); i < chunks.length; i = next.getAndIncrement()) {
            chunks[i] = match(corpus, fgrams, (long) i * CHUNK);
            progress.advance(chunks[i].length);
          }
          return null;
        });
    progress.end();
    return new MatchLengths(chunks);
  }

  /** Returns the length at a token of the corpus, less than 2 where no f-gram ends. */
  byte at(long token) {
    return chunks == null ? 0 : chunks[(int) (token / CHUNK)][(int) (token % CHUNK)];
  }

  private static byte[] match(TokenCorpus corpus, FgramIndex fgrams, long begin) {
    byte[] lengths = new byte[(int) Math.min(CHUNK, corpus.tokenCount() - begin)];
    int before = (int) Math.min(begin, fgrams.maxNgram() - 1);
    int[] tokens = new int[before + lengths.length];
    corpus.read(begin - before, tokens, 0, tokens.length);
    for (int i = 0; i < lengths.length; i++) {
      // No f-gram holds the end-of-text token, so none reaches into the document before.
      long match = fgrams.longestMatch(tokens, 0, before + i);
      lengths[i] = match == FgramIndex.NONE ? 0 : (byte) FgramIndex.length(match);
    }
    return lengths;
  }
}
