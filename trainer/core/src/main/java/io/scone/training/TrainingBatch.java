package io.scone.training;

import it.unimi.dsi.fastutil.ints.Int2IntOpenCustomHashMap;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.ints.IntHash;
import it.unimi.dsi.fastutil.longs.LongArrayList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Windows of a corpus as the model takes them: each distinct input once, and where it stands.
 *
 * <p>The input of a position is the longest f-gram that ends there, or the token itself, which is
 * treated as an f-gram of one token. Distinct inputs are ordered by length, so those of one length
 * form a {@link Pack}: the f-gram model runs once for each distinct f-gram and without padding.
 */
final class TrainingBatch {
  private final Pack windows;
  private final long[] targets;
  private final long[] sources;
  private final long[] inputTokens;
  private final int distinctTokens;
  private final List<Pack> fgrams = new ArrayList<>();
  private final MemorySlots memory;

  /**
   * Makes a process's part of a batch.
   *
   * @param whole the windows of the whole batch
   * @param share which windows are the process's, B of them
   * @param memory how many vectors the f-gram model's memory has; 0 for none
   */
  TrainingBatch(MatchedTokens whole, Share share, int memory) {
    int[] tokens = whole.tokens();
    int length = whole.context();
    int first = share.first();
    windows = new Pack(share.windows(), length);
    targets = new long[share.windows() * length];
    sources = new long[targets.length];
    int[] inputLengths = new int[targets.length];
    List<DistinctInputs> byLength = new ArrayList<>(); // at each index those of one token more
    for (int i = 0; i < targets.length; i++) {
      int end = (first + i / length) * whole.stride() + i % length;
      int n = Math.max(1, whole.longestMatch(end));
      while (byLength.size() < n) {
        byLength.add(new DistinctInputs(tokens, byLength.size() + 1));
      }
      targets[i] = tokens[end + 1];
      inputLengths[i] = n;
      sources[i] = byLength.get(n - 1).add(end - n + 1);
    }

    LongArrayList flat = new LongArrayList();
    int[] firstOfLength = new int[byLength.size() + 1];
    int inputs = 0;
    for (DistinctInputs distinct : byLength) {
      firstOfLength[distinct.length] = inputs;
      inputs += distinct.count();
      distinct.appendTokens(flat);
      if (distinct.length > 1 && distinct.count() > 0) {
        fgrams.add(new Pack(distinct.count(), distinct.length));
      }
    }
    for (int i = 0; i < sources.length; i++) {
      sources[i] += firstOfLength[inputLengths[i]];
    }
    inputTokens = flat.toLongArray();
    distinctTokens = byLength.get(0).count();
    long[] ofFgrams = Arrays.copyOfRange(inputTokens, distinctTokens, inputTokens.length);
    this.memory = memory == 0 ? MemorySlots.NONE : MemorySlots.of(whole, ofFgrams, fgrams, memory);
  }

  /** Returns the shape of the windows: B sequences of T tokens. */
  Pack windows() {
    return windows;
  }

  /** Returns the next token of each position, B*T. */
  long[] targets() {
    return targets;
  }

  /** Returns for each position the number of its distinct input, B*T. */
  long[] sources() {
    return sources;
  }

  /** Returns the tokens of all distinct inputs, one input after another. */
  long[] inputTokens() {
    return inputTokens;
  }

  /** Returns how many inputs are single tokens; they come first. */
  int distinctTokens() {
    return distinctTokens;
  }

  /** Returns the inputs of two and more tokens, shorter ones first. */
  List<Pack> fgrams() {
    return fgrams;
  }

  /** Returns the vectors of the memory that the whole batch takes, and the f-grams here of them. */
  MemorySlots memory() {
    return memory;
  }

  /** The distinct n-grams of one length, numbered as they come. */
  private static final class DistinctInputs implements IntHash.Strategy {
    private final int[] tokens;
    private final int length;

    /** From where an n-gram begins in {@code tokens} to its number, whichever occurrence it is. */
    private final Int2IntOpenCustomHashMap numbers = new Int2IntOpenCustomHashMap(this);

    private final IntArrayList begins = new IntArrayList();

    DistinctInputs(int[] tokens, int length) {
      this.tokens = tokens;
      this.length = length;
      numbers.defaultReturnValue(-1);
    }

    /** Returns the number of the n-gram that begins at a token. */
    int add(int begin) {
      int number = numbers.putIfAbsent(begin, begins.size());
      if (number >= 0) {
        return number;
      }
      begins.add(begin);
      return begins.size() - 1;
    }

    int count() {
      return begins.size();
    }

    void appendTokens(LongArrayList into) {
      for (int i = 0; i < begins.size(); i++) {
        for (int j = 0; j < length; j++) {
          into.add(tokens[begins.getInt(i) + j]);
        }
      }
    }

    @Override
    public int hashCode(int begin) {
      int hash = 0;
      for (int i = begin; i < begin + length; i++) {
        hash = 31 * hash + tokens[i];
      }
      return hash;
    }

    @Override
    public boolean equals(int left, int right) {
      return Arrays.equals(tokens, left, left + length, tokens, right, right + length);
    }
  }
}
