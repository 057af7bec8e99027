package io.scone.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.bytedeco.pytorch.AbstractTensor;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SafetensorsTest {
  @TempDir Path directory;

  @Test
  void tensorsComeBackAsTheyWereWritten() throws IOException {
    Path file = directory.resolve("model.safetensors");
    float[] matrix = new float[35];
    Random random = new Random(1);
    for (int i = 0; i < matrix.length; i++) {
      matrix[i] = Float.intBitsToFloat(random.nextInt()); // any bits, NaN included
    }
    ByteBuffer steps = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, 1L << 40);
    ByteBuffer flags = ByteBuffer.wrap(new byte[] {1, 0, (byte) 255});
    Map<String, Safetensors.Source> tensors = new LinkedHashMap<>();
    tensors.put(
        "flags",
        new Safetensors.Source(
            Safetensors.Type.U8, List.of(3L), sink -> sink.write(flags.duplicate())));
    tensors.put("h.0.\"quoted\"\u00e9", Safetensors.Source.of(matrix, 5, 7));
    tensors.put("empty", Safetensors.Source.of(new float[0], 0, 7));
    tensors.put(
        "steps",
        new Safetensors.Source(
            Safetensors.Type.I64, List.of(), sink -> sink.write(steps.duplicate())));
    Safetensors.write(file, tensors);
    Safetensors.write(file, tensors); // replaces

    Safetensors read = Safetensors.open(file);
    assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.names()));
    assertEquals(List.of(5L, 7L), read.shape("h.0.\"quoted\"\u00e9"));
    assertEquals(Safetensors.Type.I64, read.type("steps"));
    assertEquals(1L << 40, read.data("steps").getLong());
    assertEquals(flags, read.data("flags"));
    assertEquals(0, read.floats("empty").length);
    float[] back = read.floats("h.0.\"quoted\"\u00e9");
    for (int i = 0; i < matrix.length; i++) {
      assertEquals(Float.floatToRawIntBits(matrix[i]), Float.floatToRawIntBits(back[i]));
    }
    try (var files = Files.list(directory)) {
      assertEquals(List.of(file), files.toList(), "nothing temporary stays behind");
    }
  }

  @Test
  void tensorsThatAreWrittenSideBySideAreThoseWrittenOneAfterAnother() throws IOException {
    int rows = 20_000; // more than the writer holds back
    ByteBuffer ids = ByteBuffer.allocate(rows * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    ByteBuffer halves = ByteBuffer.allocate(rows * 9 * Short.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    Map<String, Safetensors.Source> whole = new LinkedHashMap<>();
    List<Long> shape = List.of((long) rows, 9L);
    whole.put(
        "ids",
        new Safetensors.Source(
            Safetensors.Type.I64, List.of(20_000L), sink -> sink.write(ids.duplicate())));
    whole.put(
        "halves",
        new Safetensors.Source(
            Safetensors.Type.BF16, shape, sink -> sink.write(halves.duplicate())));
    Map<String, Safetensors.Tensor> forms = new LinkedHashMap<>();
    whole.forEach((name, t) -> forms.put(name, new Safetensors.Tensor(t.type(), t.shape())));
    Path sideBySide = directory.resolve("side-by-side.safetensors");
    try (SafetensorsWriter writer = new SafetensorsWriter(sideBySide, forms)) {
      Random random = new Random(2);
      for (int row = 0; row < rows; row++) {
        writer.room("ids", Long.BYTES).putLong(row);
        ids.putLong(row);
        ByteBuffer room = writer.room("halves", 9 * Short.BYTES);
        for (int i = 0; i < 9; i++) {
          short value = (short) random.nextInt();
          room.putShort(value);
          halves.putShort(value);
        }
      }
      writer.publish();
    }
    ids.flip();
    halves.flip();
    Path oneByOne = directory.resolve("one-by-one.safetensors");
    Safetensors.write(oneByOne, whole);
    assertEquals(-1, Files.mismatch(sideBySide, oneByOne));
  }

  @Test
  void aTensorThatIsNotCompleteIsNoFile() throws IOException {
    Path file = directory.resolve("short.safetensors");
    var form = new Safetensors.Tensor(Safetensors.Type.I64, List.of(2L));
    try (SafetensorsWriter writer = new SafetensorsWriter(file, Map.of("ids", form))) {
      writer.room("ids", Long.BYTES).putLong(1);
      assertThrows(IllegalArgumentException.class, writer::publish);
    }
    try (var files = Files.list(directory)) {
      assertEquals(0, files.count());
    }
  }

  @Test
  void filesAndTensorsBeyondTwoGibibytesAreReadInParts() throws IOException {
    Path file = directory.resolve("large.safetensors");
    long large = 3_000_000_000L;
    String header =
        "{\"a\":{\"dtype\":\"U8\",\"shape\":[%d],\"data_offsets\":[0,%d]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[%d,%d]}}";
    header = header.formatted(large, large, large, large + 4);
    writeRaw(file, header.length(), header, 0);
    try (RandomAccessFile sparse = new RandomAccessFile(file.toFile(), "rw")) {
      sparse.setLength(8 + header.length() + large + 4);
      sparse.seek(sparse.length() - 5);
      sparse.write(7);
      sparse.writeInt(Integer.reverseBytes(Float.floatToIntBits(2.5f)));
    }
    Safetensors read = Safetensors.open(file);
    assertArrayEquals(new float[] {2.5f}, read.floats("b"));
    assertEquals(large, read.bytes("a"));
    assertEquals(ByteBuffer.wrap(new byte[] {7}), read.piece("a", large - 1));
    IOException tooLarge = assertThrows(IOException.class, () -> read.data("a"));
    assertTrue(tooLarge.getMessage().contains("larger than 2 GiB"), tooLarge.getMessage());
  }

  @Test
  void aTensorIsWrittenAndReadInSeveralPieces() throws IOException {
    Path file = directory.resolve("pieces.safetensors");
    int rows = 1_100_000; // 67 MiB
    float[] values = new float[rows * 16];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    Torch.load(1);
    try (Tensor tensor = tensor(values, rows, 16);
        Tensor back = tensor(new float[values.length], rows, 16)) {
      Safetensors.write(file, Map.of("rows", Torch.source(tensor)));
      Safetensors read = Safetensors.open(file);
      assertArrayEquals(values, read.floats("rows"));
      Torch.read(read, "rows", back);
      assertArrayEquals(values, Torch.floats(back));
    }
  }

  private static Tensor tensor(float[] values, long... shape) {
    return Torch.scoped(() -> AbstractTensor.create(values, shape).retainReference());
  }

  @Test
  void halvesBecomeTheFloatsTheyStandFor() throws IOException {
    Path file = directory.resolve("halves.safetensors");
    String header =
        "{\"f16\":{\"dtype\":\"F16\",\"shape\":[2,2],\"data_offsets\":[0,8]},"
            + "\"bf16\":{\"dtype\":\"BF16\",\"shape\":[3],\"data_offsets\":[8,14]},"
            + "\"mask\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[14,16]}}";
    writeRaw(file, header.length(), header, 16);
    ByteBuffer data = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
    for (int half : new int[] {0x3c00, 0xc000, 0x0001, 0x7bff, 0x3f80, 0xc000, 0x7f7f, 0x0100}) {
      data.putShort((short) half);
    }
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.seek(8 + header.length());
      raw.write(data.array());
    }
    Safetensors read = Safetensors.open(file);
    assertArrayEquals(new float[] {1, -2, 0x1p-24f, 65504}, read.floats("f16"));
    assertArrayEquals(new float[] {1, -2, 0x1.fep127f}, read.floats("bf16"));
    assertEquals("mask", read.names().stream().skip(2).findFirst().orElseThrow());
    String message = assertThrows(IOException.class, () -> read.floats("mask")).getMessage();
    assertTrue(message.endsWith("holds BOOL, not F32, F16 or BF16"), message);
  }

  @Test
  void aFileThatIsCutShortIsNamedWhenItIsOpenedAndAfterwards() throws IOException {
    Path file = directory.resolve("cut.safetensors");
    Safetensors.write(file, Map.of("a", Safetensors.Source.of(new float[100], 100)));
    Safetensors open = Safetensors.open(file);
    try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
      raw.setLength(raw.length() - 1);
    }
    assertOneSentence(assertThrows(IOException.class, () -> Safetensors.open(file)));
    String message = assertThrows(IOException.class, () -> open.floats("a")).getMessage();
    assertEquals(file + " was cut short while it was read", message);
  }

  @Test
  void aHeaderOfEndlessNestingIsRefused() throws IOException {
    String header = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    assertRefused(header.length(), header);
  }

  @Test
  void aWriteThatFailsLeavesTheOldFile() throws IOException {
    Path file = directory.resolve("model.safetensors");
    Safetensors.write(file, Map.of("a", Safetensors.Source.of(new float[] {1}, 1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> Safetensors.write(file, Map.of("a", Safetensors.Source.of(new float[] {2}, 7))));
    assertArrayEquals(new float[] {1}, Safetensors.open(file).floats("a"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{\"a\":1}",
        "{\"a\":{}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":2,\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2.0],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,16]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,12]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[16],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[9223372036854775800,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"b\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},"
            + "\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
      })
  void headersThatDoNotDescribeTheFileAreRefused(String header) throws IOException {
    assertRefused(header.length(), header);
  }

  @ParameterizedTest
  @ValueSource(longs = {-1, 0, 1, 3, 1000, Integer.MAX_VALUE, Long.MAX_VALUE, Long.MIN_VALUE})
  void headerLengthsOutsideTheFileAreRefused(long length) throws IOException {
    assertRefused(length, "{}");
  }

  @Test
  void shortFilesAndMissingTensorsAreNamed() throws IOException {
    Path file = directory.resolve("short.safetensors");
    Files.write(file, new byte[] {1, 2, 3});
    assertOneSentence(assertThrows(IOException.class, () -> Safetensors.open(file)));
    Safetensors.write(file, Map.of());
    Safetensors empty = Safetensors.open(file);
    assertTrue(
        assertThrows(IOException.class, () -> empty.data("wte.weight"))
            .getMessage()
            .contains("wte.weight"));
  }

  /** A file of 8 zero bytes of data under that header must be refused. */
  private void assertRefused(long headerLength, String header) throws IOException {
    Path file = directory.resolve("hostile.safetensors");
    writeRaw(file, headerLength, header, 8);
    assertOneSentence(assertThrows(IOException.class, () -> Safetensors.open(file)));
  }

  private static void assertOneSentence(IOException e) {
    assertTrue(e.getMessage().contains(".safetensors is not a safetensors file: "), e.getMessage());
    assertFalse(e.getMessage().contains("\n"), e.getMessage());
  }

  private static void writeRaw(Path file, long headerLength, String header, int dataBytes)
      throws IOException {
    ByteBuffer content = ByteBuffer.allocate(8 + header.length() + dataBytes);
    content.order(ByteOrder.LITTLE_ENDIAN).putLong(headerLength);
    content.put(header.getBytes(StandardCharsets.US_ASCII));
    Files.write(file, content.array());
  }
}
