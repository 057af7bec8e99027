package io.scone.client;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * N-grams and their rows, as many as some bytes allow: a hash table of open addressing, of which
 * those that are little used leave first.
 *
 * <p>What a row costs that is known is the wait for memory that no processor's cache holds. So an
 * entry is a single array, the number of tokens, these and the row, and a question reads a tag, a
 * reference and that array. A general cache, which keeps an entry in several objects and its order
 * in links between them, takes about twice as long.
 *
 * <p>Safe for use by many threads. Questions take no lock: one that is asked while an entry is
 * moved may not find it, and never finds another n-gram's.
 */
final class NgramCache {
  private static final VarHandle INTS =
      MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.nativeOrder());
  private static final VarHandle ENTRIES = MethodHandles.arrayElementVarHandle(byte[][].class);

  /** What an entry takes besides its array's bytes: the array's header and its slots, about. */
  private static final int ENTRY_BYTES = 48;

  /** The most uses that are counted. */
  private static final int MOST_USES = 7;

  /** Of so many entries the one least used leaves. */
  private static final int CANDIDATES = 16;

  private static final int LEAST_SLOT_BITS = 4;
  private static final int MOST_SLOT_BITS = 30;

  private final long maxBytes;
  private final int maxEntries;

  /** A part of the n-gram's hash for each slot, 0 where the slot is empty. */
  private final int[] tags;

  private final byte[][] entries;

  /** How often each entry was used of late. */
  private final byte[] uses;

  private final int shift;

  private long bytes;
  private int count;
  private int hand;

  /**
   * Makes an empty cache.
   *
   * @param maxBytes the most bytes to take, about
   * @param rowBytes bytes of a row
   * @param rows how many rows there may be to remember
   */
  NgramCache(long maxBytes, int rowBytes, long rows) {
    this.maxBytes = maxBytes;
    long most = Math.max(1, Math.min(rows, maxBytes / (ENTRY_BYTES + rowBytes)));
    int bits = Long.SIZE - Long.numberOfLeadingZeros(2 * most - 1);
    bits = Math.min(Math.max(bits, LEAST_SLOT_BITS), MOST_SLOT_BITS);
    int slots = 1 << bits;
    this.tags = new int[slots];
    this.entries = new byte[slots][];
    this.uses = new byte[slots];
    this.shift = Integer.SIZE - bits;
    this.maxEntries = slots / 4 * 3;
  }

  /** Returns where in the entry of an n-gram of so many tokens its row begins. */
  static int rowOffset(int tokens) {
    return Integer.BYTES * (1 + tokens);
  }

  /** Returns the bytes taken, about. */
  synchronized long bytes() {
    return bytes;
  }

  /**
   * Returns the entry of the {@code length} tokens from {@code offset}, or null: an array that has
   * their row, if there is one, from {@link #rowOffset} to its end. It is not to be changed.
   *
   * @param hash as {@link io.scone.fgram.FgramFilter#hash} makes it of the tokens
   */
  byte[] find(int[] tokens, int offset, int length, long hash) {
    int tag = tag(hash);
    for (int slot = home(tag); tags[slot] != 0; slot = next(slot)) {
      if (tags[slot] == tag) {
        byte[] entry = (byte[]) ENTRIES.getAcquire(entries, slot);
        if (entry != null && holds(entry, tokens, offset, length)) {
          if (uses[slot] < MOST_USES) {
            uses[slot]++;
          }
          return entry;
        }
      }
    }
    return null;
  }

  /**
   * Remembers an n-gram, if it does not already.
   *
   * @param hash as for {@link #find}
   * @param row its row, from the position to the limit, which is copied; null if it has none
   */
  synchronized void put(int[] tokens, int offset, int length, long hash, ByteBuffer row) {
    int tag = tag(hash);
    int rowBytes = row == null ? 0 : row.remaining();
    long added = ENTRY_BYTES + (long) rowOffset(length) + rowBytes;
    if (added > maxBytes || find(tokens, offset, length, hash) != null) {
      return;
    }
    while (bytes + added > maxBytes || count == maxEntries) {
      remove(leastUsed());
    }
    byte[] entry = new byte[rowOffset(length) + rowBytes];
    INTS.set(entry, 0, length);
    for (int i = 0; i < length; i++) {
      INTS.set(entry, rowOffset(i), tokens[offset + i]);
    }
    if (row != null) {
      row.get(row.position(), entry, rowOffset(length), rowBytes);
    }
    int slot = home(tag);
    while (tags[slot] != 0) {
      slot = next(slot);
    }
    set(slot, tag, entry, (byte) 1);
    bytes += added;
    count++;
  }

  private static boolean holds(byte[] entry, int[] tokens, int offset, int length) {
    if ((int) INTS.get(entry, 0) != length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if ((int) INTS.get(entry, rowOffset(i)) != tokens[offset + i]) {
        return false;
      }
    }
    return true;
  }

  /** Returns the next slot to be emptied, and makes what was looked at for it a little older. */
  private int leastUsed() {
    int least = -1;
    for (int looked = 0; looked < Math.min(CANDIDATES, count); hand = next(hand)) {
      if (tags[hand] != 0) {
        looked++;
        if (least < 0 || uses[hand] < uses[least]) {
          least = hand;
        }
        if (uses[hand] > 0) {
          uses[hand]--;
        }
      }
    }
    return least;
  }

  /** Empties a slot, and moves back what had to go further for it. */
  private void remove(int slot) {
    bytes -= ENTRY_BYTES + entries[slot].length;
    count--;
    int hole = slot;
    for (int from = next(slot); tags[from] != 0; from = next(from)) {
      int home = home(tags[from]);
      boolean isReachedFromHole =
          hole <= from ? home <= hole || home > from : home <= hole && home > from;
      if (isReachedFromHole) {
        set(hole, tags[from], entries[from], uses[from]);
        hole = from;
      }
    }
    set(hole, 0, null, (byte) 0);
  }

  private void set(int slot, int tag, byte[] entry, byte used) {
    ENTRIES.setRelease(entries, slot, entry);
    uses[slot] = used;
    tags[slot] = tag;
  }

  /** Returns where the search for a tag begins: by its upper bits, so that it is known of any. */
  private int home(int tag) {
    return tag >>> shift;
  }

  private int next(int slot) {
    return (slot + 1) & (tags.length - 1);
  }

  /** Returns a part of a hash that is never 0. */
  private static int tag(long hash) {
    return (int) (((hash ^ (hash >>> 29)) * 0xbf58476d1ce4e5b9L) >>> 32) | 1;
  }
}
