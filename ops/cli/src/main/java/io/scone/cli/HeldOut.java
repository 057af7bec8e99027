package io.scone.cli;

import com.fasterxml.jackson.databind.json.JsonMapper;
import io.scone.corpus.DocumentReader;
import io.scone.corpus.Documents;
import io.scone.files.AtomicFiles;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * Parts a corpus into a part to train on and a part held out.
 *
 * <p>Of many documents every fiftieth is held out whole; of a few, the last fiftieth of each.
 */
final class HeldOut {
  private static final int SHARE = 50;
  private static final JsonMapper JSON = new JsonMapper();

  private HeldOut() {}

  /**
   * Writes both parts as JSON lines, each whole or not at all.
   *
   * @param maxCharacters no document is read after so many characters of text
   */
  static void split(Documents documents, long maxCharacters, Path train, Path heldOut)
      throws IOException {
    boolean many = count(documents, maxCharacters) >= SHARE;
    try (DocumentReader reader = documents.read();
        BufferedWriter trainOut = Files.newBufferedWriter(AtomicFiles.temporary(train));
        BufferedWriter heldOutOut = Files.newBufferedWriter(AtomicFiles.temporary(heldOut))) {
      long characters = 0;
      int number = 0;
      for (String text = reader.next();
          text != null && characters < maxCharacters;
          text = reader.next()) {
        characters += text.length();
        number++;
        if (many) {
          write(number % SHARE == 0 ? heldOutOut : trainOut, text);
        } else {
          int border = text.length() - text.length() / SHARE;
          if (Character.isHighSurrogate(text.charAt(border - 1))) {
            border--; // a character of two halves stays whole
          }
          write(trainOut, text.substring(0, border));
          write(heldOutOut, text.substring(border));
        }
      }
    }
    AtomicFiles.publish(train);
    AtomicFiles.publish(heldOut);
  }

  private static int count(Documents documents, long maxCharacters) throws IOException {
    int count = 0;
    long characters = 0;
    try (DocumentReader reader = documents.read()) {
      for (String text = reader.next();
          text != null && characters < maxCharacters && count < SHARE;
          text = reader.next()) {
        characters += text.length();
        count++;
      }
    }
    return count;
  }

  private static void write(BufferedWriter out, String text) throws IOException {
    if (!text.isEmpty()) {
      out.write(JSON.writeValueAsString(Map.of("text", text)));
      out.newLine();
    }
  }
}
