package io.scone.bench;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class RowPatternTest {
  private static final int ROW_BYTES = 21;
  private static final int[] TOKENS = {5, 6, 7, 8};
  private final RowPattern pattern = new RowPattern(ROW_BYTES, 0);

  @Test
  void aRowTellsItsFgramAndItsVersion() {
    ByteBuffer row = ByteBuffer.allocate(3 + ROW_BYTES).position(3);
    pattern.write(TOKENS, 1, 2, row);
    assertTrue(pattern.isRowOf(new int[] {6, 7}, 0, 2, row, 3));
    assertTrue(pattern.beginsRowOf(new int[] {6, 7}, 0, 2, row, 3));
    assertFalse(pattern.isRowOf(TOKENS, 0, 2, row, 3));
    assertFalse(pattern.isRowOf(TOKENS, 1, 3, row, 3));
    assertFalse(pattern.beginsRowOf(TOKENS, 1, 3, row, 3));
    assertFalse(new RowPattern(ROW_BYTES, 1).isRowOf(TOKENS, 1, 2, row, 3));
  }

  @Test
  void anyByteCounts() {
    ByteBuffer row = ByteBuffer.allocate(ROW_BYTES);
    pattern.write(TOKENS, 0, 3, row);
    for (int i = 0; i < ROW_BYTES; i++) {
      row.put(i, (byte) ~row.get(i));
      assertFalse(pattern.isRowOf(TOKENS, 0, 3, row, 0));
      row.put(i, (byte) ~row.get(i));
    }
    assertTrue(pattern.isRowOf(TOKENS, 0, 3, row, 0));
  }

  @Test
  void rowsTooShortToTellApartAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new RowPattern(7, 0));
  }
}
