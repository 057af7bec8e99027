package io.scone.generation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void textEndsBeforeTheStopString() {
    StopStrings stops = new StopStrings(List.of("\n\n"));
    assertEquals("one\ntwo", stops.append("one\ntwo\n\nthree"));
    assertTrue(stops.isStopped());
  }

  @Test
  void whatMayBeginAStopStringIsHeldBack() {
    StopStrings stops = new StopStrings(List.of("END", "NEVER"));
    assertEquals("the ", stops.append("the E"));
    assertEquals("", stops.append("N"));
    assertEquals("ENTI", stops.append("TIE"));
    assertEquals("", stops.append("N"));
    assertEquals("", stops.append("D and"));
    assertTrue(stops.isStopped());
    assertEquals("", stops.finish());
  }

  @Test
  void whatWasHeldBackComesWhenTheTextEnds() {
    StopStrings stops = new StopStrings(List.of("END"));
    assertEquals("th", stops.append("thEN"));
    assertEquals("EN", stops.finish());
    assertFalse(stops.isStopped());
  }

  @Test
  void theStopStringThatIsCompleteFirstCounts() {
    assertEquals("xa", new StopStrings(List.of("abcd", "bc")).append("xabcd"));
    assertEquals("x", new StopStrings(List.of("bc", "abc")).append("xabcd"));
  }

  /** However a text is cut into pieces, what is given out is the same and holds no stop string. */
  @Test
  void piecesDoNotMatter() {
    Random random = new Random(1);
    for (int round = 0; round < 2000; round++) {
      String text = word(random, 30);
      List<String> stops =
          IntStream.range(0, random.nextInt(4)).mapToObj(i -> word(random, 4)).toList();
      StopStrings whole = new StopStrings(stops);
      String expected = whole.append(text);
      expected += whole.isStopped() ? "" : whole.finish();

      StopStrings cut = new StopStrings(stops);
      StringBuilder given = new StringBuilder();
      for (int at = 0; at < text.length() && !cut.isStopped(); ) {
        int next = Math.min(text.length(), at + 1 + random.nextInt(4));
        given.append(cut.append(text.substring(at, next)));
        assertTrue(expected.startsWith(given.toString()), text + " " + stops + " " + given);
        at = next;
      }
      given.append(cut.finish());
      assertEquals(expected, given.toString(), text + " " + stops);
      assertEquals(whole.isStopped(), cut.isStopped());
    }
  }

  private static String word(Random random, int most) {
    StringBuilder word = new StringBuilder();
    for (int i = random.nextInt(most); i >= 0; i--) {
      word.append((char) ('a' + random.nextInt(2)));
    }
    return word.toString();
  }
}
