package io.scone.mining;

import io.scone.concurrent.Workers;
import io.scone.corpus.TokenCorpus;
import io.scone.mining.CorpusBlocks.Block;
import io.scone.progress.Progress;
import java.io.IOException;
import java.util.List;

/**
 * One pass over a corpus, which counts the n-grams of one length whose prefix and suffix are both
 * frequent. Serves once.
 */
final class NgramCounter {
  /*
   * Where documents are counted, a block holds whole ones, or a piece of one that is longer. Each
   * key is marked with the last such long document, which is enough to count that once as long as
   * the pieces of only one are being counted at a time.
   */

  private final TokenCorpus corpus;
  private final List<Level> shorter;
  private final OrdinalFile ordinals;
  private final int threads;
  private final CountTable table;
  private final int block;
  private final Progress progress;

  // What the threads share, guarded by this.
  private final CorpusBlocks blocks;
  private int roundTokens;
  private int room;
  private int inFlight;
  private int piecesInFlight;
  private int longDocument;

  /**
   * Makes a counter.
   *
   * @param shorter the frequent n-grams of 2, 3, ... n-1 tokens
   * @param ordinals what the pass of n-1 has kept, and where this one keeps for the next
   * @param table where to count, empty; documents are counted if it counts them
   */
  NgramCounter(
      TokenCorpus corpus,
      List<Level> shorter,
      OrdinalFile ordinals,
      CountTable table,
      int threads,
      Progress progress) {
    this.corpus = corpus;
    this.shorter = shorter;
    this.ordinals = ordinals;
    this.threads = threads;
    this.table = table;
    this.block = Math.max(1, Math.min(BlockCounter.MAX_BLOCK, table.capacity() / (4 * threads)));
    this.progress = progress;
    this.blocks = new CorpusBlocks(corpus, block, table.documents() != null);
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
    roundTokens = Integer.MAX_VALUE;
    if (table.documents() != null) {
      table.documents().resume(goesOn() ? longDocument : 0);
    }
    Workers.run(threads, this::countBlocks);
    return table.capacity() - room;
  }

  /** Says whether the whole corpus is counted. */
  boolean isDone() {
    return blocks.peek() == null;
  }

  private Void countBlocks() throws IOException, InterruptedException {
    BlockCounter counter = new BlockCounter(corpus, shorter, ordinals, table, block);
    for (Block taken = claim(); taken != null; taken = claim()) {
      release(taken, counter.count(taken));
      progress.advance(taken.length());
    }
    return null;
  }

  /**
   * Takes the next block for a thread, and room in the table for as many new keys as a block has
   * tokens at the most.
   *
   * @return null where the round ends
   */
  private synchronized Block claim() throws InterruptedException {
    while ((inFlight > 0 && room < block) || (piecesInFlight > 0 && isOfOtherLongDocument())) {
      wait();
    }
    if (room < block || isDone() || blocks.peek().length() > roundTokens) {
      return null;
    }
    Block taken = blocks.take();
    roundTokens -= taken.length();
    room -= block;
    inFlight++;
    if (taken.isPiece()) {
      piecesInFlight++;
      longDocument = taken.longDocument();
    }
    return taken;
  }

  /** Gives back the room that a block has not used. */
  private synchronized void release(Block taken, int newKeys) {
    room += block - newKeys;
    inFlight--;
    if (taken.isPiece()) {
      piecesInFlight--;
    }
    notifyAll();
  }

  /** Says whether the next block is a piece of the document that the last piece was of. */
  private boolean goesOn() {
    return !isDone() && blocks.peek().isPiece() && blocks.peek().longDocument() == longDocument;
  }

  private boolean isOfOtherLongDocument() {
    return !isDone() && blocks.peek().isPiece() && !goesOn();
  }
}
