package io.scone.fgram;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class FgramKeyTest {
  @Test
  void holdsTheLastTokenFirstAsBigEndian() {
    assertArrayEquals(
        new byte[] {0, 0, 1, 2, 0x7f, -1, -1, -1}, FgramKey.encode(Integer.MAX_VALUE, 0x0102));
  }

  @Property
  void decodesToTheSameTokens(@ForAll("fgrams") int[] tokens) {
    assertArrayEquals(tokens, FgramKey.decode(FgramKey.encode(tokens)));
  }

  @Property
  void sortsByTheReversedTokens(@ForAll("fgrams") int[] left, @ForAll("fgrams") int[] right) {
    assertEquals(
        Integer.signum(Arrays.compare(reversed(left), reversed(right))),
        Integer.signum(FgramKey.compare(FgramKey.encode(left), FgramKey.encode(right))));
  }

  @Property
  void anyBytesAreAKeyOrRefused(@ForAll byte[] bytes) {
    boolean isKey = bytes.length % 4 == 0 && bytes.length >= 8 && bytes.length <= 255 * 4;
    if (isKey) {
      assertArrayEquals(bytes, FgramKey.encode(FgramKey.decode(bytes)));
    } else {
      assertThrows(IllegalArgumentException.class, () -> FgramKey.decode(bytes));
    }
  }

  @Provide
  Arbitrary<int[]> fgrams() {
    Arbitrary<Integer> token =
        Arbitraries.oneOf(
            Arbitraries.integers().between(0, 3),
            Arbitraries.integers().between(0, Integer.MAX_VALUE));
    return token.array(int[].class).ofMinSize(2).ofMaxSize(6);
  }

  @Test
  void refusesBytesThatAreNoKey() {
    for (int length : new int[] {0, 4, 7, 9, 256 * 4}) {
      assertThrows(IllegalArgumentException.class, () -> FgramKey.decode(new byte[length]));
    }
  }

  private static int[] reversed(int[] tokens) {
    int[] reversed = new int[tokens.length];
    for (int i = 0; i < tokens.length; i++) {
      reversed[i] = tokens[tokens.length - 1 - i];
    }
    return reversed;
  }
}
