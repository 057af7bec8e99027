package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.scone.training.TensorBoard.Event;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventFileTest {
  @TempDir Path run;

  /** The checksums are those that a bitwise CRC-32C, written apart, gives for these bytes. */
  @Test
  void aRecordIsLengthChecksumBytesChecksum() {
    byte[] nine = "123456789".getBytes(StandardCharsets.US_ASCII);
    // The check value of CRC-32C is e3069283; rotated right by 15 and plus a282ead8.
    int rotated = 0xe3069283 >>> 15 | 0xe3069283 << 17;
    int ofTheBytes = rotated + 0xa282ead8;
    ByteBuffer record = ByteBuffer.wrap(EventFile.record(nine)).order(ByteOrder.LITTLE_ENDIAN);
    assertEquals(9, record.getLong(0));
    assertEquals(masked(bitwise(new byte[] {9, 0, 0, 0, 0, 0, 0, 0})), record.getInt(8));
    assertArrayEquals(
        nine, HexFormat.of().parseHex(HexFormat.of().formatHex(record.array(), 12, 21)));
    assertEquals(ofTheBytes, record.getInt(21));
    assertEquals(0xe3069283, bitwise(nine));
    assertEquals(25, record.capacity());
  }

  /** Event: step 3 (field 2), a summary (5) of a value (1) with a tag (1) and a float (2). */
  @Test
  void valuesAreEncodedAsTensorFlowDefinesThem() throws IOException {
    EventFile.begin(run, 2).add(3, Map.of("a/b", 1.5));
    List<byte[]> events = events();
    assertEquals(3, events.size());
    assertEquals("brain.Event:2", Event.parseFrom(events.get(0)).getFileVersion());
    Event start = Event.parseFrom(events.get(1));
    assertEquals(3, start.getStep());
    assertEquals(1, start.getSessionLog().getStatusValue());
    String hex = HexFormat.of().formatHex(events.get(2));
    // After the time: a tag byte and 8 bytes.
    assertEquals("1003" + "2a0c" + "0a0a" + "0a03612f62" + "150000c03f", hex.substring(2 * 9));
    assertEquals("09", hex.substring(0, 2));
  }

  @Test
  void aResumedRunBeginsAnotherFile() throws IOException {
    EventFile.begin(run, 0);
    EventFile.begin(run, 5);
    try (Stream<Path> files = Files.list(run)) {
      assertEquals(2, files.count());
    }
  }

  /** Reads all records of the only file. */
  private List<byte[]> events() throws IOException {
    List<byte[]> events = new ArrayList<>();
    try (Stream<Path> files = Files.list(run)) {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(files.findFirst().orElseThrow()));
      bytes.order(ByteOrder.LITTLE_ENDIAN);
      while (bytes.hasRemaining()) {
        byte[] event = new byte[(int) bytes.getLong()];
        bytes.getInt();
        bytes.get(event);
        assertEquals(masked(bitwise(event)), bytes.getInt());
        events.add(event);
      }
    }
    return events;
  }

  private static int masked(int checksum) {
    return (checksum >>> 15 | checksum << 17) + 0xa282ead8;
  }

  private static int bitwise(byte[] bytes) {
    int remainder = ~0;
    for (byte each : bytes) {
      remainder ^= each & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        remainder = remainder >>> 1 ^ (0x82f63b78 & -(remainder & 1));
      }
    }
    return ~remainder;
  }
}
