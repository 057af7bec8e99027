package io.scone.mining;

import io.scone.corpus.TokenCorpus;

/** A corpus parted into blocks to count, from its begin to its end. For use by one thread. */
final class CorpusBlocks {
  /** In place of the number of a long document. */
  private static final int NONE = 0;

  private final TokenCorpus corpus;
  private final int size;

  /** Where documents are not split without need, the tokens that a block may have; or null. */
  private final int[] tokens;

  private Block next;
  private int longDocuments;

  /**
   * A block.
   *
   * @param from the place of its first token
   * @param length its tokens
   * @param longDocument the number, from 1, of the document that it is a piece of; 0 where it holds
   *     whole documents, or where documents do not matter
   * @param isEnd whether no other piece of the long document follows
   */
  record Block(long from, int length, int longDocument, boolean isEnd) {
    boolean isPiece() {
      return longDocument != NONE;
    }
  }

  /**
   * Parts a corpus.
   *
   * @param size the most tokens in a block
   * @param byDocument whether a document that fits a block must be in one
   */
  CorpusBlocks(TokenCorpus corpus, int size, boolean byDocument) {
    this.corpus = corpus;
    this.size = size;
    this.tokens = byDocument ? new int[size] : null;
    this.next = cut(0, NONE);
  }

  /** Returns the next block, or null at the end. */
  Block peek() {
    return next;
  }

  /** Returns the next block and moves on. */
  Block take() {
    Block taken = next;
    next = cut(taken.from + taken.length, taken.isEnd ? NONE : taken.longDocument);
    return taken;
  }

  private Block cut(long from, int unfinished) {
    int length = (int) Math.min(size, corpus.tokenCount() - from);
    if (length == 0) {
      return null;
    }
    if (tokens == null) {
      return new Block(from, length, NONE, true);
    }
    corpus.read(from, tokens, 0, length);
    if (unfinished != NONE) {
      int end = 0;
      while (end < length && tokens[end] != corpus.endOfText()) {
        end++;
      }
      return end < length
          ? new Block(from, end + 1, unfinished, true)
          : new Block(from, length, unfinished, false);
    }
    int end = length;
    while (end > 0 && tokens[end - 1] != corpus.endOfText()) {
      end--;
    }
    return end > 0
        ? new Block(from, end, NONE, true)
        : new Block(from, length, ++longDocuments, false);
  }
}
