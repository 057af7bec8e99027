package io.scone.training;

import io.scone.corpus.TokenCorpus;
import java.util.Arrays;

/**
 * A corpus cut into windows: each predicts {@code context} tokens and begins with the last target
 * of the one before. Safe for use by many threads.
 */
final class Windows {
  private final TokenCorpus corpus;
  private final MatchLengths matchLengths;
  private final int context;
  private final int memory;

  /**
   * Cuts a corpus whose f-grams are matched.
   *
   * @param memory how many vectors the f-gram model's memory has; 0 for none
   */
  Windows(TokenCorpus corpus, MatchLengths matchLengths, int context, int memory) {
    this.corpus = corpus;
    this.matchLengths = matchLengths;
    this.context = context;
    this.memory = memory;
  }

  /** Says whether the f-grams in the windows are looked at. */
  boolean isMatched() {
    return matchLengths != MatchLengths.NONE;
  }

  /** Returns the number of whole windows; a shorter rest of the corpus may remain. */
  int count() {
    return count(corpus, context);
  }

  /** Returns the number of whole windows of a corpus. */
  static int count(TokenCorpus corpus, int context) {
    return Math.toIntExact((corpus.tokenCount() - 1) / context);
  }

  /** Returns the number of tokens that all windows and the rest predict. */
  long targets() {
    return corpus.tokenCount() - 1;
  }

  /** Returns the number of tokens that a whole window predicts. */
  int context() {
    return context;
  }

  /** Returns the number of targets in the rest after the last whole window. */
  int restLength() {
    return (int) ((corpus.tokenCount() - 1) % context);
  }

  /**
   * Returns the batch of the windows of these numbers.
   *
   * @param windows whole ones, or the shorter rest after the last of them by itself
   */
  TrainingBatch batch(int[] windows) {
    return batch(windows, Share.whole(windows.length), MatchDropout.NONE, 0);
  }

  /**
   * Returns a process's part of the batch of the windows of these numbers, less some of their
   * f-grams.
   *
   * @param windows those of the whole batch
   * @param share which of them are the process's
   * @param seen the windows that training has seen before, which determines what is dropped
   */
  TrainingBatch batch(int[] windows, Share share, MatchDropout dropout, long seen) {
    if (memory > 0) { // of whose vectors every process knows those of the whole batch
      return new TrainingBatch(read(windows, dropout, seen), share, memory);
    }
    int first = share.first();
    int[] own = Arrays.copyOfRange(windows, first, first + share.windows());
    return new TrainingBatch(read(own, dropout, seen + first), Share.whole(own.length), 0);
  }

  private MatchedTokens read(int[] windows, MatchDropout dropout, long seen) {
    int length = length(windows[0]);
    int stride = length + 1;
    int[] tokens = new int[windows.length * stride];
    byte[] lengths = new byte[tokens.length];
    for (int i = 0; i < windows.length; i++) {
      long begin = (long) windows[i] * context;
      corpus.read(begin, tokens, i * stride, stride);
      for (int j = 0; j < length; j++) {
        lengths[i * stride + j] = matchLengths.at(begin + j);
      }
      dropout.apply(lengths, i * stride, length, seen + i);
    }
    return new MatchedTokens(tokens, lengths, length);
  }

  /** Returns the same windows of a corpus whose f-grams are not looked at. */
  Windows withoutMatches() {
    return new Windows(corpus, MatchLengths.NONE, context, 0);
  }

  /** Returns the tokens of the window of a number, and the one after them. */
  int[] tokens(int window) {
    int[] tokens = new int[length(window) + 1];
    corpus.read((long) window * context, tokens, 0, tokens.length);
    return tokens;
  }

  private int length(int window) {
    return window < count() ? context : restLength();
  }
}
