package io.scone.mining;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * In how many documents each key of a {@link CountTable} occurs. Any number of threads may count at
 * once.
 *
 * <p>A document that is not counted at once, but in pieces, leaves its number with each of its
 * keys, so that the next piece does not count it again. The pieces of another such document may
 * only come after all of its own.
 */
final class DocumentCounts {
  /*
   * The word of a key: the documents in the low half; above it the number, from 1, of the last
   * document in pieces that holds the key; and the sign says that the resumed document holds it.
   */
  private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final long COUNT = 0xffff_ffffL;
  private static final long IN_RESUMED = Long.MIN_VALUE;

  private final long[] words;

  /** The number of the document that had its first pieces counted before, or 0. */
  private int resumed;

  DocumentCounts(int slots) {
    words = new long[slots];
  }

  /** Returns the documents that a word counts. */
  static int count(long word) {
    return (int) word;
  }

  /** Returns the number of the last document in pieces that holds a word's key, or 0. */
  static int lastInPieces(long word) {
    return (int) ((word & ~IN_RESUMED) >>> Integer.SIZE);
  }

  /** Says whether the document that was resumed holds a word's key. */
  static boolean isInResumed(long word) {
    return word < 0;
  }

  void clear() {
    Arrays.fill(words, 0);
  }

  /** Says which document, if any, goes on that had its first pieces counted elsewhere. */
  void resume(int document) {
    resumed = document;
  }

  /** Returns the number of the document that goes on here, or 0. */
  int resumed() {
    return resumed;
  }

  /** Counts documents that are whole, for each of some keys so many. */
  void add(int[] slots, int[] documents, int size) {
    long[] held = words(slots, size);
    for (int i = 0; i < size; i++) {
      long word;
      do {
        word = held[i];
        held[i] = (long) WORDS.compareAndExchange(words, slots[i], word, word + documents[i]);
      } while (held[i] != word);
    }
  }

  /** Counts a document in pieces, for each of some keys unless another of its pieces had it. */
  void addPiece(int[] slots, int size, int document) {
    long[] held = words(slots, size);
    for (int i = 0; i < size; i++) {
      long word = held[i];
      while (lastInPieces(word) != document) {
        long flag = document == resumed ? IN_RESUMED : word & IN_RESUMED;
        long counted = flag | (long) document << Integer.SIZE | ((word & COUNT) + 1);
        long now = (long) WORDS.compareAndExchange(words, slots[i], word, counted);
        word = now == word ? counted : now;
      }
    }
  }

  /** Returns some words, read first of all, so that the processor waits for all at once. */
  private long[] words(int[] slots, int size) {
    long[] read = new long[size];
    for (int i = 0; i < size; i++) {
      read[i] = words[slots[i]];
    }
    return read;
  }

  long word(int index) {
    return words[index];
  }

  void set(int index, long word) {
    words[index] = word;
  }
}
