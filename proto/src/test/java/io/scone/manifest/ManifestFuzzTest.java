package io.scone.manifest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Manifests that something has written over: read as what they say, or refused in a sentence. */
class ManifestFuzzTest {
  private static final List<String> VALUES =
      List.of("null", "-1", "0", "2147483647", "1e999", "[]", "{}", "\"\"", "true", "[null, 5]");

  private static Path directory;
  private static String written;

  @BeforeContainer
  static void write() throws IOException {
    directory = Files.createTempDirectory("scone-manifest");
    written = ManifestTest.TABLE.toJson();
  }

  @AfterContainer
  static void delete() throws IOException {
    Files.deleteIfExists(directory.resolve(TableManifest.FILE));
    Files.delete(directory);
  }

  @Property(tries = 2000)
  void bytesThatWereWrittenOver(@ForAll Random random) throws IOException {
    byte[] json = written.getBytes(StandardCharsets.UTF_8);
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(random.nextBoolean() ? 4 : json.length); // the first tell the charset
      switch (random.nextInt(4)) {
        case 0 -> json[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> json[at] = (byte) random.nextInt(256);
        case 2 -> json[at] = 0;
        default -> json = Arrays.copyOf(json, Math.max(4, random.nextInt(json.length)));
      }
    }
    readOrRefused(json);
  }

  @Property(tries = 1000)
  void valuesOfOtherKinds(@ForAll Random random) throws IOException {
    String[] lines = written.split("\n", -1);
    int line = random.nextInt(lines.length);
    String value = VALUES.get(random.nextInt(VALUES.size()));
    lines[line] = lines[line].replaceFirst(" : [^{]*?(,?)$", " : " + value + "$1");
    readOrRefused(String.join("\n", lines).getBytes(StandardCharsets.UTF_8));
  }

  private static void readOrRefused(byte[] json) throws IOException {
    Files.write(directory.resolve(TableManifest.FILE), json);
    TableManifest read;
    try {
      read = TableManifest.read(directory);
    } catch (ManifestException e) {
      assertTrue(e.getMessage().contains(" is not a table manifest: "), e::getMessage);
      assertFalse(e.getMessage().endsWith(": null"), e::getMessage);
      return;
    }
    read.write(directory);
    assertEquals(read, TableManifest.read(directory));
  }
}
