package io.scone.fgram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FgramFilterTest {
  @ParameterizedTest
  @ValueSource(ints = {0, 1, 50, 20_000})
  void whatWasAddedIsNeverDeniedAndOfOthersAlmostAll(int size) {
    FgramFilter filter = FgramFilter.forFgrams(size);
    assertEquals(FgramFilter.bytesFor(size), filter.size());
    Random random = new Random(size);
    int[][] added = new int[size][];
    for (int i = 0; i < size; i++) {
      added[i] = random.ints(2 + random.nextInt(4), 0, 50_000).toArray();
      filter.add(FgramFilter.hash(added[i], 0, added[i].length));
    }
    for (int[] fgram : added) {
      assertTrue(filter.mayHold(FgramFilter.hash(fgram, 0, fgram.length)));
    }
    int taken = 0;
    for (int i = 0; i < 20_000; i++) {
      int[] other = random.ints(2 + random.nextInt(4), 50_000, 100_000).toArray();
      taken += filter.mayHold(FgramFilter.hash(other, 0, other.length)) ? 1 : 0;
    }
    assertTrue(taken < 200, taken + " of 20,000");
  }

  @Test
  void aHashGrowsFromTheLastTokenBackwards() {
    long hash = FgramFilter.extend(FgramFilter.extend(FgramFilter.NO_TOKEN, 9), 8);
    assertEquals(FgramFilter.hash(new int[] {7, 8, 9}, 1, 2), hash);
    assertEquals(FgramFilter.hash(new int[] {7, 8, 9}, 0, 3), FgramFilter.extend(hash, 7));
  }

  @Test
  void aFilterPutTogetherFromItsPartsIsTheSame() {
    FgramFilter filter = FgramFilter.forFgrams(500);
    new Random(1).longs(500).forEach(filter::add);
    FgramFilter copy = FgramFilter.ofBytes(filter.size());
    for (long offset = 0; offset < filter.size(); offset += 192) {
      ByteBuffer part = ByteBuffer.allocate(192);
      filter.get(offset, part);
      copy.put(offset, part.flip());
    }
    new Random(1).longs(500).forEach(hash -> assertTrue(copy.mayHold(hash)));
    ByteBuffer expected = ByteBuffer.allocate((int) filter.size());
    ByteBuffer actual = ByteBuffer.allocate((int) filter.size());
    filter.get(0, expected);
    copy.get(0, actual);
    assertEquals(expected.flip(), actual.flip());
  }

  @Test
  void aFilterHasWholeBlocks() {
    for (long bytes : new long[] {0, -64, 63, 65, 1L << 40}) {
      assertThrows(IllegalArgumentException.class, () -> FgramFilter.ofBytes(bytes));
    }
  }
}
