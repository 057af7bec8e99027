package io.scone.fgram;

import java.util.Arrays;

/**
 * An immutable set of f-grams in memory that finds the longest f-gram ending at a position.
 *
 * <p>Each f-gram has an ordinal: its place in key order, which is also its row's place in a table.
 * The set must be closed under suffixes (mining guarantees it), so a search for the longest match
 * stops at the first length that misses.
 *
 * <p>Safe for use by many threads.
 */
public final class FgramIndex {
  /*
   * The f-grams form a trie that is walked from the last token backwards. The trie lies in one
   * open-addressing hash table of edges: an edge leads from a node by the token before it to a
   * longer f-gram. The nodes of single tokens are the tokens themselves, 0 to vocabularySize - 1;
   * the node of the f-gram with ordinal o is vocabularySize + o. One probe is one 8-byte compare,
   * whatever the f-gram's length. A slot is an edge and the ordinal it leads to, side by side so
   * that a probe misses the processor's cache once: 16 bytes, at most 3/4 of the slots used.
   *
   * An index is larger than the processor's caches, so a search spends its time waiting for memory,
   * and each of its probes needs the one before. Searches at many positions do not need one another:
   * longestMatches takes a block of them a token further at a time, first loading all their slots,
   * for which the processor then waits at once.
   */

  /** What searches return where nothing is found. */
  public static final long NONE = -1;

  private static final long EMPTY = -1;
  private static final int SLOT = 2; // an edge, an ordinal
  private static final int LENGTH_BITS = 8;
  private static final int BLOCK = 64; // searches side by side; their state stays in the caches

  private final int vocabularySize;
  private final int maxNgram;
  private final int size;
  private final long[] slots;

  private FgramIndex(Builder builder) {
    this.vocabularySize = builder.vocabularySize;
    this.maxNgram = builder.maxNgram;
    this.size = builder.size;
    this.slots = builder.slots;
  }

  /**
   * Returns a builder of an index.
   *
   * @param vocabularySize tokens run from 0 to this, exclusive
   * @param maxNgram K, the most tokens in an f-gram, 2 to 255
   * @param expectedSize the number of f-grams to make room for; more may be added
   */
  public static Builder builder(int vocabularySize, int maxNgram, int expectedSize) {
    return new Builder(vocabularySize, maxNgram, expectedSize);
  }

  /** Returns the number of f-grams. */
  public int size() {
    return size;
  }

  /** Returns K, the most tokens in an f-gram. */
  public int maxNgram() {
    return maxNgram;
  }

  /** Returns the exclusive bound of the tokens. */
  public int vocabularySize() {
    return vocabularySize;
  }

  /**
   * Finds the longest f-gram that ends at a position.
   *
   * @param tokens a sequence; every token must be in 0 to vocabularySize - 1
   * @param start the first token that may belong to the f-gram
   * @param position the token the f-gram ends with
   * @return the match, to be taken apart by {@link #ordinal} and {@link #length}, or {@link #NONE}
   */
  public long longestMatch(int[] tokens, int start, int position) {
    long match = NONE;
    int node = tokens[position];
    int first = Math.max(start, position - maxNgram + 1);
    for (int i = position - 1; i >= first; i--) {
      int ordinal = follow(node, tokens[i]);
      if (ordinal < 0) {
        break;
      }
      match = match(ordinal, position - i + 1);
      node = vocabularySize + ordinal;
    }
    return match;
  }

  /**
   * Finds the longest f-grams that end at many positions: what {@link #longestMatch} finds at each,
   * sooner.
   *
   * @param tokens a sequence, or several one after another; every token must be in 0 to
   *     vocabularySize - 1
   * @param starts for each search the first token that may belong to its f-gram
   * @param positions for each search the token that its f-gram ends with
   * @param from the first search to make
   * @param to the search after the last to make
   * @param matches takes what each search finds
   */
  public void longestMatches(
      int[] tokens, int[] starts, int[] positions, int from, int to, long[] matches) {
    int[] open = new int[BLOCK];
    long[] edges = new long[BLOCK];
    long[] found = new long[BLOCK];
    for (int begin = from; begin < to; begin += BLOCK) {
      int count = 0; // of the searches that may find something longer
      for (int i = begin; i < Math.min(begin + BLOCK, to); i++) {
        matches[i] = NONE;
        if (positions[i] > starts[i]) {
          open[count++] = i;
        }
      }
      for (int length = FgramKey.MIN_TOKENS; length <= maxNgram && count > 0; length++) {
        for (int i = 0; i < count; i++) {
          int position = positions[open[i]];
          long match = matches[open[i]];
          int node = match == NONE ? tokens[position] : vocabularySize + ordinal(match);
          edges[i] = edge(node, tokens[position - length + 1]);
          found[i] = slots[home(edges[i], slots.length)];
        }
        int left = 0;
        for (int i = 0; i < count; i++) {
          int ordinal = found[i] == EMPTY ? -1 : follow(edges[i]);
          if (ordinal >= 0) {
            int search = open[i];
            matches[search] = match(ordinal, length);
            if (positions[search] - length >= starts[search]) {
              open[left++] = search;
            }
          }
        }
        count = left;
      }
    }
  }

  private static long match(int ordinal, int length) {
    return (long) ordinal << LENGTH_BITS | length;
  }

  /** Returns the ordinal of the f-gram of a match. */
  public static int ordinal(long match) {
    return (int) (match >> LENGTH_BITS);
  }

  /** Returns the tokens in the f-gram of a match. */
  public static int length(long match) {
    return (int) match & ((1 << LENGTH_BITS) - 1);
  }

  /**
   * Returns the ordinal of the f-gram of exactly the {@code length} tokens from {@code offset}, or
   * -1 if the set does not hold it.
   */
  public int find(int[] tokens, int offset, int length) {
    if (length < FgramKey.MIN_TOKENS || length > maxNgram) {
      return -1;
    }
    int node = tokens[offset + length - 1];
    int ordinal = -1;
    for (int i = offset + length - 2; i >= offset; i--) {
      ordinal = follow(node, tokens[i]);
      if (ordinal < 0) {
        return -1;
      }
      node = vocabularySize + ordinal;
    }
    return ordinal;
  }

  private int follow(int node, int token) {
    return follow(edge(node, token));
  }

  private int follow(long edge) {
    int slot = slot(slots, edge);
    return slots[slot] == EMPTY ? -1 : (int) slots[slot + 1];
  }

  private static long edge(int node, int token) {
    return (long) node << Integer.SIZE | token;
  }

  /** Returns where the slot begins that holds the edge, or the empty slot where it belongs. */
  private static int slot(long[] slots, long edge) {
    int slot = home(edge, slots.length);
    while (slots[slot] != EMPTY && slots[slot] != edge) {
      slot = slot + SLOT & slots.length - 1;
    }
    return slot;
  }

  /** Returns where the slot begins that an edge has unless others had it before. */
  private static int home(long edge, int capacity) {
    // A Fibonacci multiply after folding: nearby nodes and tokens must not fall into nearby slots.
    long mixed = (edge ^ edge >>> 29) * 0x9e3779b97f4a7c15L;
    return (int) (mixed >>> 31) & capacity - 1 & ~1;
  }

  /** Collects f-grams in key order. */
  public static final class Builder {
    private final int vocabularySize;
    private final int maxNgram;
    private long[] slots;
    private int size;

    /** The f-gram added last, and by length less one the nodes of its suffixes and of itself. */
    private int[] last = {};

    private final int[] lastNodes;

    private Builder(int vocabularySize, int maxNgram, int expectedSize) {
      if (vocabularySize < 1) {
        throw new IllegalArgumentException("a vocabulary of " + vocabularySize + " tokens");
      }
      if (maxNgram < FgramKey.MIN_TOKENS || maxNgram > FgramKey.MAX_TOKENS) {
        throw new IllegalArgumentException("K must be in 2..255, not " + maxNgram);
      }
      this.vocabularySize = vocabularySize;
      this.maxNgram = maxNgram;
      this.lastNodes = new int[maxNgram];
      allocate(capacityFor(expectedSize));
    }

    /**
     * Adds the next f-gram in key order; its ordinal is the number of f-grams added before it.
     *
     * @throws IllegalArgumentException if a token is outside the vocabulary, the length is not in
     *     2..K, the f-gram is there already, or its own suffix was not added before it
     */
    public Builder add(int... tokens) {
      if (tokens.length < FgramKey.MIN_TOKENS || tokens.length > maxNgram) {
        throw new IllegalArgumentException(
            "an f-gram of " + tokens.length + " tokens; K is " + maxNgram);
      }
      for (int token : tokens) {
        if (token < 0 || token >= vocabularySize) {
          throw new IllegalArgumentException(
              "token "
                  + Integer.toUnsignedString(token)
                  + " is outside the vocabulary of "
                  + vocabularySize);
        }
      }
      if ((size + 1) * 4L > slots.length / SLOT * 3L) {
        grow();
      }
      int node = suffixNode(tokens);
      int slot = slot(slots, edge(node, tokens[0]));
      if (slots[slot] != EMPTY) {
        throw new IllegalArgumentException("f-gram " + Arrays.toString(tokens) + " comes twice");
      }
      slots[slot] = edge(node, tokens[0]);
      slots[slot + 1] = size;
      last = tokens.clone();
      lastNodes[tokens.length - 1] = vocabularySize + size;
      size++;
      return this;
    }

    /**
     * Returns the node of an f-gram without its first token. Keys come in the order in which one
     * walks the trie, so that node is on the way to the f-gram added last.
     */
    private int suffixNode(int[] tokens) {
      int length = tokens.length - 1;
      if (length == 1) {
        return tokens[1];
      }
      int from = last.length - length;
      if (from < 0 || !Arrays.equals(last, from, last.length, tokens, 1, tokens.length)) {
        throw new IllegalArgumentException(
            "f-gram " + Arrays.toString(tokens) + " comes without its suffix before it");
      }
      return lastNodes[length - 1];
    }

    /** Returns the index. The builder must not be used afterwards. */
    public FgramIndex build() {
      return new FgramIndex(this);
    }

    private void grow() {
      long[] old = slots;
      allocate(old.length / SLOT * 2);
      for (int i = 0; i < old.length; i += SLOT) {
        if (old[i] != EMPTY) {
          int slot = slot(slots, old[i]);
          slots[slot] = old[i];
          slots[slot + 1] = old[i + 1];
        }
      }
    }

    private void allocate(int capacity) {
      slots = new long[capacity * SLOT];
      Arrays.fill(slots, EMPTY);
    }

    private static int capacityFor(int expectedSize) {
      int slots = (int) Math.min(1L << 29, expectedSize * 4L / 3 + 1);
      return Math.max(16, Integer.highestOneBit(Math.max(1, slots - 1)) << 1);
    }
  }
}
