package io.scone.fgram;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class FgramShardTest {
  @Test
  void everyPairHasOneShardAndTheSharesAreEven() {
    for (int shards : new int[] {1, 2, 3, 8, 100}) {
      int[] pairs = new int[shards];
      for (int last = 0; last < 300; last++) {
        for (int secondLast = 0; secondLast < 300; secondLast++) {
          pairs[FgramShard.of(secondLast, last, shards)]++;
        }
      }
      for (int count : pairs) {
        assertEquals(1.0, (double) count * shards / (300 * 300), 0.15, "of " + shards);
      }
    }
  }

  @Test
  void theOrderOfTheTokensCounts() {
    int differing = 0;
    for (int token = 1; token <= 100; token++) {
      differing += FgramShard.of(0, token, 64) == FgramShard.of(token, 0, 64) ? 0 : 1;
    }
    assertTrue(differing > 80, "differing: " + differing);
  }

  /** Tables that were split stay split the same way: these must never change. */
  @Test
  void theRuleIsPinned() {
    assertEquals(
        "0 6 0 5 4",
        FgramShard.of(0, 0, 8)
            + " "
            + FgramShard.of(0, 1, 8)
            + " "
            + FgramShard.of(1, 0, 8)
            + " "
            + FgramShard.of(262, 286, 8)
            + " "
            + FgramShard.of(50256, 50255, 8));
  }
}
