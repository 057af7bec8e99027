package io.scone.mining;

import java.io.IOException;

/** How often f-grams occur in the corpus they were mined from, to a power of ten; a byte each. */
public final class FgramCounts {
  private final byte[] digits;

  private FgramCounts(byte[] digits) {
    this.digits = digits;
  }

  /**
   * Reads the counts of all f-grams of a file.
   *
   * @throws MiningException if the file is damaged
   */
  public static FgramCounts of(FgramFile file) throws IOException {
    byte[] digits = new byte[file.size()];
    try (FgramCursor cursor = file.cursor()) {
      for (int i = 0; cursor.next(); i++) {
        digits[i] = (byte) Long.toString(cursor.count()).length();
      }
    }
    return new FgramCounts(digits);
  }

  /**
   * Returns the number of decimal digits of an f-gram's count.
   *
   * @param ordinal its place in the file
   */
  public int digits(int ordinal) {
    return digits[ordinal];
  }
}
