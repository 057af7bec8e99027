package io.scone.corpus;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.github.luben.zstd.ZstdOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DocumentsTest {
  private static final String LINES =
      "{\"text\": \"one\\n\", \"id\": 1}\n\n{\"id\": 2, \"text\": \"zwei \\ud83d\\ude00\"}\r\n{\"text\":\"\"}";

  @TempDir Path directory;

  @Test
  void readsEveryFormatInOrder() throws IOException {
    write("b/plain.txt", "a\r\n\ntext");
    write("b/more.jsonl", LINES);
    write("a.txt.gz", "zipped");
    write("c.jsonl.zst", LINES);
    write("empty.txt", "");
    write("notes.md", "not text of the corpus");
    assertEquals(
        List.of("zipped", "one\n", "zwei 😀", "a\r\n\ntext", "one\n", "zwei 😀"),
        read(Documents.of(List.of(directory))));
    assertEquals(
        List.of("not text of the corpus", "zipped"),
        read(Documents.of(List.of(directory.resolve("notes.md"), directory.resolve("a.txt.gz")))));
  }

  @Test
  void countsTheBytesOfTheFilesAsTheyAreStored() throws IOException {
    write("a.txt.gz", "zipped ".repeat(10_000));
    Documents documents = Documents.of(List.of(directory));
    try (DocumentReader reader = documents.read()) {
      assertEquals(70_000, reader.next().length());
      assertEquals(Files.size(directory.resolve("a.txt.gz")), reader.bytesRead());
      assertEquals(documents.bytes(), reader.bytesRead());
    }
  }

  @Test
  void aMalformedLineIsNamed() throws IOException {
    write("a.jsonl", "{\"text\":\"x\"}\n\n{\"text\": oops}\n");
    assertTrue(refusal("a.jsonl").contains("a.jsonl, line 3: not JSON"), refusal("a.jsonl"));
    write("b.jsonl", "{\"text\":\"x\"}\n{\"body\":\"y\"}\n");
    assertTrue(refusal("b.jsonl").contains("b.jsonl, line 2: no JSON object with a text"));
    write("c.jsonl", "\"text\"\n");
    assertTrue(refusal("c.jsonl").contains("line 1"));
  }

  @Test
  void aFileThatCannotBeReadIsNamed() throws IOException {
    Files.write(directory.resolve("latin1.txt"), new byte[] {'a', (byte) 0xe9, 'b'});
    assertTrue(refusal("latin1.txt").contains("latin1.txt: not UTF-8 text"));
    write("whole.txt.gz", "text ".repeat(1000));
    byte[] zipped = Files.readAllBytes(directory.resolve("whole.txt.gz"));
    Files.write(directory.resolve("half.txt.gz"), Arrays.copyOf(zipped, zipped.length / 2));
    assertTrue(refusal("half.txt.gz").contains("half.txt.gz"));
    write("fake.txt.zst", "x");
    Files.writeString(directory.resolve("fake.txt.zst"), "no zstd");
    assertTrue(refusal("fake.txt.zst").contains("fake.txt.zst: cannot be read"));
  }

  @Test
  void whatHoldsNoTextIsRefused() throws IOException {
    assertThrows(CorpusException.class, () -> Documents.of(List.of(directory)));
    Path missing = directory.resolve("missing");
    CorpusException e = assertThrows(CorpusException.class, () -> Documents.of(List.of(missing)));
    assertTrue(e.getMessage().contains("missing"));
  }

  private String refusal(String name) {
    return assertThrows(
            CorpusException.class, () -> read(Documents.of(List.of(directory.resolve(name)))))
        .getMessage();
  }

  private static List<String> read(Documents documents) throws IOException {
    List<String> texts = new ArrayList<>();
    try (DocumentReader reader = documents.read()) {
      for (String text = reader.next(); text != null; text = reader.next()) {
        texts.add(text);
      }
    }
    return texts;
  }

  private void write(String name, String text) throws IOException {
    Path file = directory.resolve(name);
    Files.createDirectories(file.getParent());
    OutputStream out = Files.newOutputStream(file);
    if (name.endsWith(".gz")) {
      out = new GZIPOutputStream(out);
    } else if (name.endsWith(".zst")) {
      out = new ZstdOutputStream(out);
    }
    try (OutputStream stream = out) {
      stream.write(text.getBytes(UTF_8));
    }
  }
}
