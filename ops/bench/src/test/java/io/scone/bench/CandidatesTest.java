package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.scone.fgram.FgramKey;
import org.junit.jupiter.api.Test;

class CandidatesTest {
  private static final int[] TOKENS = {10, 11, 12, 13, 14, 15};

  @Test
  void everyNgramThatEndsAtAPositionIsOneShortestFirst() {
    Candidates candidates = Candidates.of(new Query.Window(TOKENS, 1, 4, 6), 3);
    assertEquals(4, candidates.keys().length);
    assertEquals(2, candidates.first(1));
    assertEquals(4, candidates.end(1));
    assertArrayEquals(FgramKey.encode(13, 14), candidates.keys()[0]);
    assertArrayEquals(FgramKey.encode(12, 13, 14), candidates.keys()[1]);
    assertArrayEquals(FgramKey.encode(13, 14, 15), candidates.keys()[3]);
  }

  @Test
  void noneBeginsBeforeTheContext() {
    Candidates candidates = Candidates.of(new Query.Window(TOKENS, 0, 0, 3), 5);
    assertEquals(candidates.first(0), candidates.end(0), "nothing ends at the first token");
    assertEquals(1, candidates.end(1) - candidates.first(1));
    assertEquals(2, candidates.end(2) - candidates.first(2));
  }
}
