package io.scone.mining;

import io.scone.concurrent.Workers;
import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.io.IOException;
import java.util.List;

/**
 * One pass over a corpus, which counts the n-grams of one length whose prefix and suffix are both
 * frequent. Serves once.
 */
final class NgramCounter {
  /** So many keys are counted by one thread in its processor's own cache. */
  private static final int MAX_BLOCK = 1 << 15;

  /** In place of the ordinal of an n-gram that is not frequent. */
  private static final int NONE = -1;

  private final TokenCorpus corpus;
  private final List<Level> shorter;
  private final int n;
  private final int threads;
  private final CountTable table;
  private final int block;
  private final Progress progress;

  // What the threads share, guarded by this.
  private long next;
  private long roundEnd;
  private int room;
  private int inFlight;

  /**
   * Makes a counter.
   *
   * @param shorter the frequent n-grams of 2, 3, ... n-1 tokens
   * @param table where to count, empty
   */
  NgramCounter(
      TokenCorpus corpus, List<Level> shorter, CountTable table, int threads, Progress progress) {
    this.corpus = corpus;
    this.shorter = shorter;
    this.n = shorter.size() + 2;
    this.threads = threads;
    this.table = table;
    this.block = Math.max(1, Math.min(MAX_BLOCK, table.capacity() / (4 * threads)));
    this.progress = progress;
  }

  /**
   * Counts on until the corpus ends or the table is full, in which case it must be cleared before
   * the next call.
   *
   * @return the keys in the table
   */
  int count() throws IOException {
    room = table.capacity();
    // So that each run's counts fit an int.
    roundEnd = Math.min(corpus.tokenCount(), next + Integer.MAX_VALUE);
    Workers.run(threads, this::countBlocks);
    return table.capacity() - room;
  }

  /** Says whether the whole corpus is counted. */
  boolean isDone() {
    return next == corpus.tokenCount();
  }

  private Void countBlocks() throws InterruptedException {
    int[] tokens = new int[block + n - 1];
    int[] ordinals = new int[tokens.length];
    Long2IntOpenHashMap occurrences = new Long2IntOpenHashMap(block);
    for (long from = claim(); from >= 0; from = claim()) {
      int length = (int) Math.min(block, roundEnd - from);
      countBlock(from, length, tokens, ordinals, occurrences);
      release(table.add(occurrences));
      occurrences.clear();
      progress.advance(length);
    }
    return null;
  }

  /**
   * Takes the next block for a thread, and room in the table for as many new keys as it has tokens.
   *
   * @return the place of its first token, or -1 where the round ends
   */
  private synchronized long claim() throws InterruptedException {
    while (room < block && inFlight > 0) {
      wait();
    }
    if (room < block || next == roundEnd) {
      return -1;
    }
    long from = next;
    next = Math.min(roundEnd, next + block);
    room -= block;
    inFlight++;
    return from;
  }

  /** Gives back the room that a block has not used. */
  private synchronized void release(int newKeys) {
    room += block - newKeys;
    inFlight--;
    notifyAll();
  }

  /** Counts the n-grams that end in a block. */
  private void countBlock(
      long from, int length, int[] tokens, int[] ordinals, Long2IntOpenHashMap occurrences) {
    int context = (int) Math.min(n - 1, from);
    int size = context + length;
    corpus.read(from - context, tokens, 0, size);
    int endOfText = corpus.endOfText();
    for (int i = 0; i < size; i++) {
      ordinals[i] = tokens[i] == endOfText ? NONE : tokens[i];
    }
    // One length after another: the searches at all places wait for memory together.
    for (int depth = 1; depth < n - 1; depth++) {
      Level level = shorter.get(depth - 1);
      // Backwards, where the place before still has the n-gram that is the prefix of this one's.
      for (int i = size - 1; i >= depth; i--) {
        ordinals[i] =
            ordinals[i] >= 0 && ordinals[i - 1] >= 0
                ? level.find(ordinals[i], tokens[i - depth])
                : NONE;
      }
      ordinals[depth - 1] = NONE;
    }
    for (int i = Math.max(context, n - 1); i < size; i++) {
      if (ordinals[i] >= 0 && ordinals[i - 1] >= 0) {
        occurrences.addTo(Level.key(ordinals[i], tokens[i - n + 1]), 1);
      }
    }
  }
}
