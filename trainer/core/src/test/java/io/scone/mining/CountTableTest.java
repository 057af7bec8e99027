package io.scone.mining;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.scone.concurrent.Workers;
import it.unimi.dsi.fastutil.longs.Long2IntOpenHashMap;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class CountTableTest {
  private static final int THREADS = 4;

  @Test
  void threadsThatCountTheSameKeysAtOnceLoseAndDoubleNothing() throws IOException {
    int keys = 2000;
    CountTable table = new CountTable(4000, false);
    for (int round = 0; round < 200; round++) {
      CyclicBarrier start = new CyclicBarrier(THREADS);
      List<Integer> added =
          Workers.run(
              THREADS,
              () -> {
                start.await();
                Long2IntOpenHashMap occurrences = new Long2IntOpenHashMap();
                for (int key = 0; key < keys; key++) {
                  occurrences.put(Level.key(key, key * 31), 1 + key % 3);
                }
                return table.adder().add(occurrences);
              });
      assertEquals(keys, added.stream().mapToInt(Integer::intValue).sum());
      assertEquals(keys, table.toSortedList(THREADS, 1));
      for (int i = 0; i < keys; i++) {
        assertEquals(Level.key(i, i * 31), table.key(i));
        assertEquals(THREADS * (1L + i % 3), table.count(i));
      }
      table.clear();
    }
  }

  @Test
  void theListIsInOrderHoweverTheKeysLie() {
    Random random = new Random(1);
    for (long bound : new long[] {1, 3, 1 << 12, 1L << 40, Long.MAX_VALUE}) {
      SortedMap<Long, Integer> expected = new TreeMap<>();
      CountTable table = new CountTable(40_000, false);
      for (int round = 0; round < 20; round++) {
        Long2IntOpenHashMap occurrences = new Long2IntOpenHashMap();
        for (int i = 0; i < 1000; i++) {
          long key = Math.floorMod(random.nextLong() >> random.nextInt(40), bound);
          occurrences.addTo(key, 1);
          expected.merge(key, 1, Integer::sum);
        }
        table.adder().add(occurrences);
      }
      expected.values().removeIf(count -> count < 2);
      assertEquals(expected.size(), table.toSortedList(2, 1));
      int index = 0;
      for (Map.Entry<Long, Integer> entry : expected.entrySet()) {
        assertEquals(entry.getKey(), table.key(index));
        assertEquals((long) entry.getValue(), table.count(index++));
      }
    }
  }
}
