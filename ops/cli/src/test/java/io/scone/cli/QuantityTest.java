package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import picocli.CommandLine.TypeConversionException;

/** Amounts of memory, lengths of time and file modes, as one types them and as they are shown. */
class QuantityTest {
  @Test
  void anAmountOfMemoryCountsInPowersOf1024() {
    for (String same : List.of("64MiB", "64mb", "64M", "65536k", "67108864", "67108864b")) {
      assertEquals(64L << 20, MemorySize.parse(same).bytes(), same);
    }
    for (String none : List.of("", "MiB", "-1", "1.5g", "5i", "64 MiB", "999999999999t")) {
      assertThrows(TypeConversionException.class, () -> MemorySize.parse(none), none);
    }
  }

  @Test
  void aLengthOfTimeHasAUnit() {
    assertEquals(Duration.ofMillis(500), TimeSpan.parse("500ms").duration());
    assertEquals(Duration.ofSeconds(30), TimeSpan.parse("30S").duration());
    assertEquals(Duration.ofMinutes(5), TimeSpan.parse("5m").duration());
    assertEquals(Duration.ofDays(1), TimeSpan.parse("1d").duration());
    for (String none : List.of("", "30", "s", "-1s", "PT30S", "5 m")) {
      assertThrows(TypeConversionException.class, () -> TimeSpan.parse(none), none);
    }
  }

  @Test
  void whatIsShownCanBeTypedAgain() {
    for (long bytes :
        new long[] {0, 1, 1000, 1024, 1536, 64L << 20, 3L << 40, Long.MAX_VALUE >> 4}) {
      assertEquals(bytes, MemorySize.parse(new MemorySize(bytes).toString()).bytes());
    }
    for (String text : List.of("0s", "1ms", "1500ms", "90s", "2m", "36h")) {
      assertEquals(text, TimeSpan.parse(text).toString());
    }
    assertEquals("64MiB", new MemorySize(64L << 20).toString());
  }

  @Test
  void aFileModeIsOctal() {
    assertEquals(PosixFilePermissions.fromString("rw-r-----"), FileMode.parse("640").permissions());
    for (String text : List.of("000", "007", "660", "777")) {
      assertEquals(text, FileMode.parse(text).toString());
    }
    for (String none : List.of("", "66", "888", "rw-rw----")) {
      assertThrows(TypeConversionException.class, () -> FileMode.parse(none), none);
    }
  }
}
