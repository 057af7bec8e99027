package io.scone.table;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.fgram.FgramKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Lists of f-grams that something has written over, read without the checksums' protection. */
class IndexFuzzTest {
  private static Path directory;
  private static Path file;
  private static byte[] written;

  @BeforeContainer
  static void write() throws IOException {
    directory = Files.createTempDirectory("scone-index");
    file = directory.resolve(IndexFile.NAME);
    Path table = directory.resolve("table");
    new TestTable(1, 300, 4).build(table);
    written = Files.readAllBytes(table.resolve(IndexFile.NAME));
  }

  @AfterContainer
  static void delete() throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path each : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(each);
      }
    }
  }

  @Property(tries = 2000)
  void whatIsReadIsInKeyOrderAndInTheVocabularyOrItIsDamaged(@ForAll Random random)
      throws IOException {
    byte[] bytes = written.clone();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 12), (byte) -1);
        default -> bytes = Arrays.copyOf(bytes, 1 + at);
      }
    }
    Files.write(file, bytes);
    byte[] last = {};
    try (IndexReader reader = new IndexReader(file, TestTable.VOCABULARY, TestTable.MAX_NGRAM)) {
      while (reader.next()) {
        int[] tokens = reader.tokens();
        byte[] key = FgramKey.encode(tokens);
        assertTrue(FgramKey.compare(last, key) < 0);
        assertTrue(Arrays.stream(tokens).allMatch(t -> t >= 0 && t < TestTable.VOCABULARY));
        assertTrue(reader.count() > 0);
        last = key;
      }
    } catch (DamagedTableException e) {
      assertTrue(e.getMessage().contains(IndexFile.NAME + ": "), e::getMessage);
    }
  }
}
