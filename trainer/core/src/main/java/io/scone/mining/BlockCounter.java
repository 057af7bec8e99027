package io.scone.mining;

import io.scone.corpus.TokenCorpus;
import io.scone.mining.CorpusBlocks.Block;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.io.IOException;
import java.util.List;

/**
 * Counts the n-grams of one block after another, each in a small table of its own before it goes
 * into the large one. For use by one thread.
 */
final class BlockCounter {
  /** So many keys are counted in a processor's own cache; so many documents fit half an int. */
  static final int MAX_BLOCK = 1 << 15;

  /** In place of the ordinal of an n-gram that is not frequent. */
  private static final int NONE = -1;

  private static final int DOCUMENTS = 0xffff;

  private final TokenCorpus corpus;
  private final List<Level> shorter;
  private final int n;
  private final CountTable table;
  private final CountTable.Adder adder;
  private final OrdinalFile kept;
  private final OrdinalFile.Access access;
  private final int[] tokens;
  private final int[] ordinals;
  private final Long2IntOpenHashMap occurrences;

  /** The whole documents of a block that hold a key, and above them the last one's number. */
  private final Long2IntOpenHashMap documents;

  /** The documents that hold each key of a group. */
  private final int[] ofKeys = new int[CountTable.GROUP];

  /**
   * Makes a counter.
   *
   * @param shorter the frequent n-grams of 2, 3, ... n-1 tokens
   * @param kept the ordinals that the pass before has kept, and where this one keeps its own
   * @param maxBlock the most tokens in a block
   */
  BlockCounter(
      TokenCorpus corpus, List<Level> shorter, OrdinalFile kept, CountTable table, int maxBlock) {
    this.corpus = corpus;
    this.shorter = shorter;
    this.n = shorter.size() + 2;
    this.table = table;
    this.adder = table.adder();
    this.kept = kept;
    this.access = kept.access(maxBlock);
    this.tokens = new int[maxBlock + n - 1];
    this.ordinals = new int[tokens.length];
    this.occurrences = new Long2IntOpenHashMap(maxBlock);
    this.documents = new Long2IntOpenHashMap(table.documents() == null ? 0 : maxBlock);
  }

  /**
   * Counts the n-grams that end in a block.
   *
   * @return how many of them are new to the table
   */
  int count(Block block) throws IOException {
    int context = (int) Math.min(n - 1, block.from());
    int size = context + block.length();
    corpus.read(block.from() - context, tokens, 0, size);
    findShorter(block, context, size);
    int begin = Math.max(context, n - 1);
    countOccurrences(begin, size);
    DocumentCounts counts = table.documents();
    if (counts == null) {
      return adder.add(occurrences);
    }
    if (block.isPiece()) {
      return adder.add(
          occurrences,
          (slots, keys, placed) -> counts.addPiece(slots, placed, block.longDocument()));
    }
    countDocuments(begin, size);
    return adder.add(
        occurrences,
        (slots, keys, placed) -> {
          for (int i = 0; i < placed; i++) {
            ofKeys[i] = documents.get(keys[i]) & DOCUMENTS;
          }
          counts.add(slots, ofKeys, placed);
        });
  }

  /** Finds the ordinals of the frequent (n-1)-grams that end at the block's tokens. */
  private void findShorter(Block block, int context, int size) throws IOException {
    int endOfText = corpus.endOfText();
    for (int i = 0; i < size; i++) {
      ordinals[i] = tokens[i] == endOfText ? NONE : tokens[i];
    }
    boolean goesOn = kept.keeps(n - 2);
    // One length after another: the searches at all places wait for memory together.
    for (int depth = 1; depth < n - 2; depth++) {
      findLonger(depth, goesOn ? context : size);
    }
    if (goesOn) {
      // Before the block the next block's thread, or another, may have gone on already.
      access.read(block.from(), ordinals, context, block.length());
    }
    if (n > 2) {
      findLonger(n - 2, size);
    }
    if (kept.keeps(n - 1)) {
      access.write(block.from(), ordinals, context, block.length());
    }
  }

  /** Makes the ordinals of n-grams of {@code depth} tokens those of one token more. */
  private void findLonger(int depth, int end) {
    Level level = shorter.get(depth - 1);
    // Backwards, where the place before still has the n-gram that is the prefix of this one's.
    for (int i = end - 1; i >= depth; i--) {
      ordinals[i] =
          ordinals[i] >= 0 && ordinals[i - 1] >= 0
              ? level.find(ordinals[i], tokens[i - depth])
              : NONE;
    }
    ordinals[depth - 1] = NONE;
  }

  private void countOccurrences(int begin, int end) {
    occurrences.clear();
    for (int i = begin; i < end; i++) {
      if (ordinals[i] >= 0 && ordinals[i - 1] >= 0) {
        occurrences.addTo(Level.key(ordinals[i], tokens[i - n + 1]), 1);
      }
    }
  }

  private void countDocuments(int begin, int end) {
    documents.clear();
    int document = 1;
    for (int i = begin; i < end; i++) {
      if (ordinals[i] >= 0 && ordinals[i - 1] >= 0) {
        long key = Level.key(ordinals[i], tokens[i - n + 1]);
        int counted = documents.get(key);
        if (counted >>> Short.SIZE != document) {
          documents.put(key, document << Short.SIZE | (counted & DOCUMENTS) + 1);
        }
      } else if (tokens[i] == corpus.endOfText()) {
        document++;
      }
    }
  }
}
