package io.scone.mining;

import it.unimi.dsi.fastutil.Arrays;
import it.unimi.dsi.fastutil.longs.Long2IntMap;
import it.unimi.dsi.fastutil.longs.Long2IntMaps;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.stream.IntStream;

/**
 * Counts of 64-bit keys that are not negative: an open-addressing hash table of fixed size, or a
 * list of keys with their counts in the same memory. Any number of threads may count at once; every
 * other method is for one thread while none counts.
 */
final class CountTable {
  private static final long EMPTY = -1;
  private static final VarHandle SLOTS = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int MAX_SLOTS = (Integer.MAX_VALUE - 8) / 2;

  /** The keys that are looked for at the same time, so that the processor waits for all at once. */
  static final int GROUP = 64;

  private static final int PART_BITS = 11;

  private static final int SLOT_BYTES = 2 * Long.BYTES;

  /** A key and its count after it, so that one access to memory brings both. */
  private final long[] slots;

  /** In how many documents the keys occur, or null. */
  private final DocumentCounts documents;

  /**
   * Makes a table of about so many slots.
   *
   * @param countsDocuments whether it also counts in how many documents the keys occur
   */
  CountTable(long slots, boolean countsDocuments) {
    this.slots = new long[2 * (int) Math.max(4, Math.min(slots, MAX_SLOTS))];
    this.documents = countsDocuments ? new DocumentCounts(listCapacity()) : null;
    clear();
  }

  /** Returns the bytes of one slot. */
  static int slotBytes(boolean countsDocuments) {
    return countsDocuments ? SLOT_BYTES + Long.BYTES : SLOT_BYTES;
  }

  /** Returns in how many documents the keys occur, by slot or place in the list; or null. */
  DocumentCounts documents() {
    return documents;
  }

  /** Returns the keys that the table may hold: the last third of its slots stays empty. */
  int capacity() {
    return (int) (listCapacity() * 2L / 3);
  }

  /** Returns the keys that the list may hold. */
  int listCapacity() {
    return slots.length / 2;
  }

  /** Takes some keys and the slots that they have been counted in. */
  interface Placed {
    void at(int[] slots, long[] keys, int size);
  }

  /** Returns what one thread counts by. */
  Adder adder() {
    return new Adder();
  }

  /**
   * Counts keys in the table. It leaves no garbage, with which a heap would grow beyond the memory
   * that mining was given. For use by one thread.
   */
  final class Adder {
    private final long[] keys = new long[GROUP];
    private final int[] counts = new int[GROUP];
    private final int[] at = new int[GROUP];
    private final long[] found = new long[GROUP];

    private Adder() {}

    /** Counts keys, each as often as it occurs, and does no more with them. */
    int add(Long2IntOpenHashMap occurrences) {
      return add(occurrences, null);
    }

    /**
     * Counts keys, each as often as it occurs. The table must have room for all of them.
     *
     * @param placed takes all keys, or null
     * @return how many of the keys are new
     */
    int add(Long2IntOpenHashMap occurrences, Placed placed) {
      int size = 0;
      int added = 0;
      for (Long2IntMap.Entry entry : Long2IntMaps.fastIterable(occurrences)) {
        keys[size] = entry.getLongKey();
        counts[size++] = entry.getIntValue();
        if (size == GROUP) {
          added += add(size, placed);
          size = 0;
        }
      }
      return added + add(size, placed);
    }

    private int add(int size, Placed placed) {
      for (int i = 0; i < size; i++) {
        // The high half of a multiply after folding, scaled to the slots: neighbours must not
        // cluster.
        long mixed = (keys[i] ^ keys[i] >>> 29) * 0x9e3779b97f4a7c15L;
        at[i] = 2 * (int) (((mixed >>> 32) * listCapacity()) >>> 32);
        found[i] = slots[at[i]];
      }
      int added = 0;
      for (int i = 0; i < size; i++) {
        int slot = at[i];
        long key = keys[i];
        // Each read once: between two reads another thread might put this very key here.
        for (long held = found[i]; held != key; held = slots[slot]) {
          if (held == EMPTY) {
            held = (long) SLOTS.compareAndExchange(slots, slot, EMPTY, key);
            if (held == EMPTY) {
              added++;
              break;
            }
            if (held == key) {
              break;
            }
          }
          slot = slot + 2 == slots.length ? 0 : slot + 2;
        }
        SLOTS.getAndAdd(slots, slot + 1, (long) counts[i]);
        at[i] = slot / 2;
      }
      if (placed != null) {
        placed.at(at, keys, size);
      }
      return added;
    }
  }

  /** Forgets all keys. */
  void clear() {
    for (int i = 0; i < slots.length; i += 2) {
      slots[i] = EMPTY;
      slots[i + 1] = 0;
    }
    if (documents != null) {
      documents.clear();
    }
  }

  /**
   * Drops the keys counted less than {@code minCount} times or in less than {@code minDocuments}
   * documents, where these are counted, and sorts the others: from now on, and until it is cleared,
   * the table is a list.
   *
   * @return the length of the list
   */
  int toSortedList(long minCount, int minDocuments) {
    int size = 0;
    for (int i = 0; i < slots.length; i += 2) {
      if (slots[i] != EMPTY && slots[i + 1] >= minCount && isInDocuments(i / 2, minDocuments)) {
        if (documents != null) {
          documents.set(size, documents.word(i / 2));
        }
        set(size++, slots[i], slots[i + 1]);
      }
    }
    sort(size);
    return size;
  }

  private boolean isInDocuments(int slot, int atLeast) {
    return documents == null || DocumentCounts.count(documents.word(slot)) >= atLeast;
  }

  /**
   * Sorts the list. It is parted by the high bits of the keys first: a part fits a processor's own
   * cache, where sorting it is several times faster than sorting all at once.
   */
  private void sort(int size) {
    long all = 0;
    for (int i = 0; i < size; i++) {
      all |= key(i);
    }
    int shift = Math.max(0, Long.SIZE - Long.numberOfLeadingZeros(all) - PART_BITS);
    int[] begins = new int[(1 << PART_BITS) + 1];
    for (int i = 0; i < size; i++) {
      begins[(int) (key(i) >>> shift) + 1]++;
    }
    java.util.Arrays.parallelPrefix(begins, Integer::sum);
    int[] next = begins.clone();
    for (int part = 0; part < 1 << PART_BITS; part++) {
      while (next[part] < begins[part + 1]) {
        int home = (int) (key(next[part]) >>> shift);
        if (home == part) {
          next[part]++;
        } else {
          swap(next[part], next[home]++);
        }
      }
    }
    IntStream.range(0, 1 << PART_BITS)
        .parallel()
        .forEach(
            part ->
                Arrays.parallelQuickSort(
                    begins[part],
                    begins[part + 1],
                    (left, right) -> Long.compare(key(left), key(right)),
                    this::swap));
  }

  private void swap(int left, int right) {
    long key = key(left);
    long count = count(left);
    set(left, key(right), count(right));
    set(right, key, count);
    if (documents != null) {
      long word = documents.word(left);
      documents.set(left, documents.word(right));
      documents.set(right, word);
    }
  }

  /** Returns a key of the list. */
  long key(int index) {
    return slots[2 * index];
  }

  /** Returns the count of a key of the list. */
  long count(int index) {
    return slots[2 * index + 1];
  }

  /** Puts a key into the list. */
  void set(int index, long key, long count) {
    slots[2 * index] = key;
    slots[2 * index + 1] = count;
  }
}
