package io.scone.mining;

import it.unimi.dsi.fastutil.Arrays;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * Counts of 64-bit keys that are not negative: an open-addressing hash table of fixed size. Any
 * number of threads may count at once; every other method is for one thread while none counts.
 */
final class CountTable {
  private static final long EMPTY = -1;
  private static final VarHandle KEYS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final VarHandle COUNTS = MethodHandles.arrayElementVarHandle(int[].class);
  private static final int MAX_SLOTS = Integer.MAX_VALUE - 8;

  /** The bytes of one slot. */
  static final int SLOT_BYTES = Long.BYTES + Integer.BYTES;

  private final long[] keys;
  private final int[] counts;

  /** Makes a table of about so many slots. */
  CountTable(long slots) {
    int length = (int) Math.max(4, Math.min(slots, MAX_SLOTS));
    keys = new long[length];
    counts = new int[length];
    clear();
  }

  /** Returns the keys that the table may hold: the last third of its slots stays empty. */
  int capacity() {
    return (int) (keys.length * 2L / 3);
  }

  /**
   * Counts one occurrence of a key. The table must have room, and no key may be counted more than
   * 2^31 - 1 times.
   *
   * @return 1 if the key is new, 0 if not
   */
  int add(long key) {
    // The high half of a multiply after folding, scaled to the slots: neighbours must not cluster.
    long mixed = (key ^ key >>> 29) * 0x9e3779b97f4a7c15L;
    int slot = (int) (((mixed >>> 32) * keys.length) >>> 32);
    int added = 0;
    while (true) {
      // Read once: between two reads another thread might put this very key here.
      long found = keys[slot];
      if (found == EMPTY) {
        found = (long) KEYS.compareAndExchange(keys, slot, EMPTY, key);
        if (found == EMPTY) {
          added = 1;
          break;
        }
      }
      if (found == key) {
        break;
      }
      slot = slot + 1 == keys.length ? 0 : slot + 1;
    }
    COUNTS.getAndAdd(counts, slot, 1);
    return added;
  }

  /** Forgets all counts. */
  void clear() {
    java.util.Arrays.fill(keys, EMPTY);
    java.util.Arrays.fill(counts, 0);
  }

  /**
   * Drops the keys counted less than {@code minCount} times and sorts the others: from now on, and
   * until it is cleared, the table is a list.
   *
   * @return the length of the list
   */
  int toSortedList(long minCount) {
    int size = 0;
    for (int slot = 0; slot < keys.length; slot++) {
      if (keys[slot] != EMPTY && counts[slot] >= minCount) {
        keys[size] = keys[slot];
        counts[size++] = counts[slot];
      }
    }
    Arrays.parallelQuickSort(
        0,
        size,
        (left, right) -> Long.compare(keys[left], keys[right]),
        (left, right) -> {
          long key = keys[left];
          keys[left] = keys[right];
          keys[right] = key;
          int count = counts[left];
          counts[left] = counts[right];
          counts[right] = count;
        });
    return size;
  }

  /** Returns a key of the list. */
  long key(int index) {
    return keys[index];
  }

  /** Returns the count of a key of the list. */
  int count(int index) {
    return counts[index];
  }
}
