package io.scone.mining;

import io.scone.concurrent.Workers;
import io.scone.corpus.TokenCorpus;
import io.scone.progress.Progress;
import java.io.IOException;
import java.util.List;

/**
 * One pass over a corpus, which counts the n-grams of one length whose prefix and suffix are both
 * frequent. Serves once.
 */
final class NgramCounter {
  private static final int MAX_BLOCK = 1 << 16;

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
    // So that no count can exceed an int.
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
    for (long from = claim(); from >= 0; from = claim()) {
      int length = (int) Math.min(block, roundEnd - from);
      release(countBlock(from, length, tokens));
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

  /** Counts the n-grams that end in a block and returns how many new keys they are. */
  private int countBlock(long from, int length, int[] tokens) {
    int context = (int) Math.min(n - 1, from);
    corpus.read(from - context, tokens, 0, context + length);
    int endOfText = corpus.endOfText();
    int newKeys = 0;
    int depthBefore = 0;
    // One before the block: its n-grams are the prefixes of the first ones that end in the block.
    for (int i = Math.max(0, context - 1); i < context + length; i++) {
      int limit = i < context ? Math.min(n - 1, i + 1) : Math.min(n - 1, depthBefore + 1);
      // The longest frequent n-gram that ends here, of up to n-1 tokens. Its prefix is frequent
      // too, so it is at most one token longer than the one that ends before.
      int depth = tokens[i] == endOfText ? 0 : 1;
      int ordinal = tokens[i];
      while (depth > 0 && depth < limit) {
        int child = shorter.get(depth - 1).find(ordinal, tokens[i - depth]);
        if (child < 0) {
          break;
        }
        ordinal = child;
        depth++;
      }
      if (i >= context && depth == n - 1 && depthBefore == n - 1) {
        newKeys += table.add(Level.key(ordinal, tokens[i - n + 1]));
      }
      depthBefore = depth;
    }
    return newKeys;
  }
}
