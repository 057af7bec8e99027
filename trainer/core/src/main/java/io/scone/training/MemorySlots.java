package io.scone.training;

import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.List;

/**
 * The vectors of a memory that a batch takes: each distinct one once, and which of them each suffix
 * of its f-grams is.
 *
 * <p>The distinct ones are those of the whole batch, also where a process computes a part of it: so
 * all processes have gradients of the same vectors, which can be averaged.
 */
final class MemorySlots {
  /** Those of a model without a memory, or of a batch without f-grams. */
  static final MemorySlots NONE = new MemorySlots(new long[0], new long[0]);

  private final long[] distinct;
  private final long[] sources;

  private MemorySlots(long[] distinct, long[] sources) {
    this.distinct = distinct;
    this.sources = sources;
  }

  /**
   * Finds the slots of a batch.
   *
   * @param whole the windows of the whole batch
   * @param tokens those of this process's distinct f-grams, one f-gram after another
   * @param fgrams how these are packed
   * @param size of the memory
   */
  static MemorySlots of(MatchedTokens whole, long[] tokens, List<Pack> fgrams, int size) {
    int[] wholeTokens = whole.tokens();
    LongArrayList distinct = new LongArrayList();
    Long2IntOpenHashMap numbers = new Long2IntOpenHashMap();
    numbers.defaultReturnValue(-1);
    for (int end = 0; end < wholeTokens.length; end++) {
      int longest = whole.longestMatch(end);
      long hash = SuffixHash.ofToken(wholeTokens[end], size);
      for (int length = 2; length <= longest; length++) {
        hash = SuffixHash.extend(hash, wholeTokens[end - length + 1], size);
        if (numbers.putIfAbsent(hash, distinct.size()) < 0) {
          distinct.add(hash);
        }
      }
    }
    long[] sources = SuffixHash.slots(tokens, fgrams, size);
    for (int i = 0; i < sources.length; i++) {
      sources[i] = numbers.get(sources[i]);
    }
    return new MemorySlots(distinct.toLongArray(), sources);
  }

  /** Returns the slots of the vectors, each once. */
  long[] distinct() {
    return distinct;
  }

  /**
   * Returns for each suffix of the f-grams, in the order of {@link SuffixHash#slots}, the place of
   * its slot among the distinct ones.
   */
  long[] sources() {
    return sources;
  }
}
