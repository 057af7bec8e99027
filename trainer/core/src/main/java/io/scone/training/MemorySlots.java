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
   * @param wholeTokens the windows of the whole batch, one after another
   * @param wholeLengths for each of these tokens the length of the longest f-gram that ends there,
   *     less than 2 for none; one that begins before the window is cut to it
   * @param stride the tokens of a window, the last of which is only a target
   * @param tokens those of this process's distinct f-grams, one f-gram after another
   * @param fgrams how these are packed
   * @param size of the memory
   */
  static MemorySlots of(
      int[] wholeTokens,
      byte[] wholeLengths,
      int stride,
      long[] tokens,
      List<Pack> fgrams,
      int size) {
    LongArrayList distinct = new LongArrayList();
    Long2IntOpenHashMap numbers = new Long2IntOpenHashMap();
    numbers.defaultReturnValue(-1);
    for (int end = 0; end < wholeTokens.length; end++) {
      int position = end % stride;
      int longest = position == stride - 1 ? 0 : Math.min(wholeLengths[end] & 0xff, position + 1);
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
