package io.scone.bpe;

import io.scone.progress.Progress;
import io.scone.tokenizer.ByteLevelBpe;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import it.unimi.dsi.fastutil.ints.IntArrays;
import it.unimi.dsi.fastutil.longs.Long2LongOpenHashMap;
import it.unimi.dsi.fastutil.longs.Long2ObjectOpenHashMap;
import it.unimi.dsi.fastutil.longs.LongOpenHashSet;
import it.unimi.dsi.fastutil.objects.Object2LongMap;
import it.unimi.dsi.fastutil.objects.Object2LongOpenHashMap;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Set;

/** Finds the merges of a vocabulary in counted words. Serves once. */
final class MergeLearner {
  /*
   * All distinct words lie one after another in one array of slots, a slot a byte, a separator
   * between words. A token of n bytes has its number in its first slot and -n in its last, so that
   * both neighbours of a token are one step away; slots between are negative. Merging two tokens
   * changes only their own slots.
   *
   * For each pair of tokens there is its count and the places where it was seen begin. Places are
   * not removed when a merge beside them takes one of the tokens: a place counts only if the pair
   * still stands there. Likewise the queue may hold old counts, which are corrected when they come
   * up: between two looks a count only falls, or the pair is queued again.
   */

  private static final int SEPARATOR = -1;
  private static final int INSIDE = Integer.MIN_VALUE;

  /** A pair that occurs once saves nothing. */
  private static final int MIN_COUNT = 2;

  private final int[] slots;
  private final int[] wordOfSlot;
  private final long[] wordCounts;
  private final List<String> spellings = new ArrayList<>();
  private final Set<String> spelled = new HashSet<>();
  private final Long2LongOpenHashMap counts = new Long2LongOpenHashMap();
  private final Long2ObjectOpenHashMap<IntArrayList> places = new Long2ObjectOpenHashMap<>();
  private final PriorityQueue<Candidate> queue =
      new PriorityQueue<>(
          Comparator.comparingLong(Candidate::count).reversed().thenComparingLong(Candidate::pair));
  private final LongOpenHashSet grown = new LongOpenHashSet();

  /** Takes words with their counts. They are copied. */
  MergeLearner(Object2LongOpenHashMap<String> words) {
    long bytes = 1;
    for (String word : words.keySet()) {
      bytes += word.getBytes(StandardCharsets.UTF_8).length + 1;
    }
    if (bytes > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "the distinct words of the corpus take %,d bytes, more than can be held at once: give a"
                  .formatted(bytes)
              + " part of the corpus");
    }
    slots = new int[(int) bytes];
    wordOfSlot = new int[(int) bytes];
    wordCounts = new long[words.size()];
    layOut(words);
    for (byte b : ByteLevelBpe.alphabet()) {
      addSpelling(String.valueOf((char) (b & 0xff)));
    }
    countPairs();
  }

  /** Returns the two tokens of each merge, at most {@code limit} of them. */
  List<int[]> learn(int limit, Progress progress) {
    List<int[]> merges = new ArrayList<>();
    while (merges.size() < limit) {
      Candidate best = queue.poll();
      if (best == null) {
        break;
      }
      long count = counts.get(best.pair);
      if (count != best.count) {
        enqueue(best.pair, count);
        continue;
      }
      int left = (int) (best.pair >>> Integer.SIZE);
      int right = (int) best.pair;
      String spelling = spellings.get(left) + spellings.get(right);
      if (spelled.contains(spelling)) {
        continue; // a vocabulary gives each spelling to one token
      }
      merge(left, right, spellings.size());
      addSpelling(spelling);
      merges.add(new int[] {left, right});
      progress.advance(1);
    }
    return merges;
  }

  private void layOut(Object2LongOpenHashMap<String> words) {
    int[] tokenOfByte = new int[ByteLevelBpe.ALPHABET_SIZE];
    byte[] alphabet = ByteLevelBpe.alphabet();
    for (int token = 0; token < alphabet.length; token++) {
      tokenOfByte[alphabet[token] & 0xff] = token;
    }
    int slot = 0;
    int word = 0;
    slots[slot++] = SEPARATOR;
    for (Object2LongMap.Entry<String> entry : words.object2LongEntrySet()) {
      wordCounts[word] = entry.getLongValue();
      for (byte b : entry.getKey().getBytes(StandardCharsets.UTF_8)) {
        wordOfSlot[slot] = word;
        slots[slot++] = tokenOfByte[b & 0xff];
      }
      slots[slot++] = SEPARATOR;
      word++;
    }
  }

  private void countPairs() {
    for (int slot = 0; slot + 1 < slots.length; slot++) {
      if (slots[slot] >= 0 && slots[slot + 1] >= 0) {
        grow(slots[slot], slots[slot + 1], slot);
      }
    }
    enqueueGrown();
  }

  private void merge(int left, int right, int merged) {
    long pair = pair(left, right);
    IntArrayList where = places.remove(pair);
    if (left == right) {
      // In a row of equal tokens the pairs overlap: they are merged from the start of the row.
      IntArrays.quickSort(where.elements(), 0, where.size());
    }
    int leftLength = spellings.get(left).length();
    int length = leftLength + spellings.get(right).length();
    for (int i = 0; i < where.size(); i++) {
      int start = where.getInt(i);
      int middle = start + leftLength;
      if (slots[start] != left || slots[middle] != right) {
        continue;
      }
      int before = previous(start);
      int after = start + length;
      if (before >= 0) {
        shrink(slots[before], left, start);
        grow(slots[before], merged, before);
      }
      if (slots[after] >= 0) {
        shrink(right, slots[after], start);
        grow(merged, slots[after], start);
      }
      slots[middle] = INSIDE;
      slots[start] = merged;
      slots[after - 1] = -length;
    }
    counts.remove(pair);
    enqueueGrown();
  }

  /** Returns where the token before the one at {@code start} begins, or -1 at a word's start. */
  private int previous(int start) {
    int last = slots[start - 1];
    if (last == SEPARATOR) {
      return -1;
    }
    return last >= 0 ? start - 1 : start + last;
  }

  private void grow(int left, int right, int start) {
    long pair = pair(left, right);
    counts.addTo(pair, wordCounts[wordOfSlot[start]]);
    places.computeIfAbsent(pair, p -> new IntArrayList(1)).add(start);
    grown.add(pair);
  }

  private void shrink(int left, int right, int start) {
    long pair = pair(left, right);
    long count = wordCounts[wordOfSlot[start]];
    if (counts.addTo(pair, -count) == count) {
      counts.remove(pair);
      places.remove(pair);
    }
  }

  private void enqueueGrown() {
    grown.forEach(pair -> enqueue(pair, counts.get(pair)));
    grown.clear();
  }

  private void enqueue(long pair, long count) {
    if (count >= MIN_COUNT) {
      queue.add(new Candidate(pair, count));
    }
  }

  private void addSpelling(String spelling) {
    spellings.add(spelling);
    spelled.add(spelling);
  }

  private static long pair(int left, int right) {
    return (long) left << Integer.SIZE | right;
  }

  private record Candidate(long pair, long count) {}
}
