package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertEquals;

/** What tests ask of matches that came another way: to be those of the server, row by row. */
final class SameMatches {
  private SameMatches() {}

  /** Checks that they are the same, of the same version, and that nothing is unknown. */
  static void assertSame(Matches wanted, Matches actual) {
    assertEquals(wanted.servedBy(), actual.servedBy());
    assertEquals(0, actual.unknownCount());
    assertSameRows(wanted, actual);
  }

  /** Checks that the same is known and the same is not. */
  static void assertSamePartial(Matches wanted, Matches actual) {
    assertEquals(wanted.unknownCount(), actual.unknownCount());
    for (int i = 0; i < wanted.unknownCount(); i++) {
      assertEquals(wanted.unknownPosition(i), actual.unknownPosition(i));
    }
    assertSameRows(wanted, actual);
  }

  private static void assertSameRows(Matches wanted, Matches actual) {
    assertEquals(wanted.count(), actual.count());
    for (int i = 0; i < wanted.count(); i++) {
      assertEquals(wanted.position(i), actual.position(i));
      assertEquals(wanted.length(i), actual.length(i));
      assertEquals(
          wanted.rows().bytes(wanted.rowIndex(i)), actual.rows().bytes(actual.rowIndex(i)));
    }
  }
}
