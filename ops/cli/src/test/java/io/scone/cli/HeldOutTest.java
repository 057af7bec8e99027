package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.scone.corpus.DocumentReader;
import io.scone.corpus.Documents;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HeldOutTest {
  @TempDir Path directory;

  @Test
  void holdsOutEveryFiftiethOfManyDocuments() throws IOException {
    StringBuilder lines = new StringBuilder();
    for (int i = 1; i <= 120; i++) {
      lines.append("{\"text\":\"document ").append(i).append("\"}\n");
    }
    split("corpus.jsonl", lines.toString(), Long.MAX_VALUE);
    assertEquals(List.of("document 50", "document 100"), read("held-out.jsonl"));
    assertEquals(118, read("train.jsonl").size());
    assertFalse(read("train.jsonl").contains("document 50"));
  }

  @Test
  void holdsOutTheEndOfEachOfFewDocumentsAndNoHalfCharacter() throws IOException {
    String text = "a".repeat(97) + "\ud83d\ude00".repeat(2);
    split("corpus.txt", text, Long.MAX_VALUE);
    String train = read("train.jsonl").get(0);
    String heldOut = read("held-out.jsonl").get(0);
    assertEquals(text, train + heldOut);
    assertFalse(Character.isLowSurrogate(heldOut.charAt(0)));
  }

  @Test
  void readsNoDocumentAfterTheBound() throws IOException {
    split("corpus.jsonl", "{\"text\":\"0123456789\"}\n".repeat(200), 1000);
    assertEquals(98, read("train.jsonl").size());
    assertEquals(2, read("held-out.jsonl").size());
  }

  private void split(String name, String content, long maxCharacters) throws IOException {
    Path corpus = Files.writeString(directory.resolve(name), content);
    HeldOut.split(
        Documents.of(List.of(corpus)),
        maxCharacters,
        directory.resolve("train.jsonl"),
        directory.resolve("held-out.jsonl"));
  }

  private List<String> read(String name) throws IOException {
    List<String> documents = new ArrayList<>();
    try (DocumentReader reader = Documents.of(List.of(directory.resolve(name))).read()) {
      for (String text = reader.next(); text != null; text = reader.next()) {
        documents.add(text);
      }
    }
    return documents;
  }
}
