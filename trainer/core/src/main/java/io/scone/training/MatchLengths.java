package io.scone.training;

import io.scone.corpus.TokenCorpus;
import io.scone.fgram.FgramIndex;
import io.scone.progress.Progress;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * For each token of a corpus the length of the longest f-gram that ends there; one byte a token, in
 * a {@link MatchFile} that is mapped into memory.
 *
 * <p>Safe for use by many threads.
 */
final class MatchLengths {
  /** No f-grams anywhere: every input is its token's own embedding. */
  static final MatchLengths NONE = new MatchLengths(null);

  private final ByteBuffer[] segments;

  private MatchLengths(ByteBuffer[] segments) {
    this.segments = segments;
  }

  /**
   * Returns the lengths of all of a corpus, from the file beside it; matches the corpus and writes
   * the file where it is missing.
   *
   * @param fgramsFingerprint the content of the f-grams' file
   */
  static MatchLengths of(
      TokenCorpus corpus, FgramIndex fgrams, String fgramsFingerprint, Progress progress)
      throws IOException {
    return new MatchLengths(new MatchFile(corpus, fgrams, fgramsFingerprint).map(progress));
  }

  /** Returns the length at a token of the corpus, less than 2 where no f-gram ends. */
  byte at(long token) {
    return segments == null
        ? 0
        : segments[(int) (token / MatchFile.SEGMENT_BYTES)].get(
            (int) (token % MatchFile.SEGMENT_BYTES));
  }
}
