package io.scone.cli;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of prompts: one a line, or of JSON lines the field {@code prompt}. */
final class Prompts {
  /** The name that means standard input. */
  static final String STANDARD_INPUT = "-";

  private static final String JSON_LINES = ".jsonl";
  private static final String FIELD = "prompt";

  private Prompts() {}

  /**
   * Reads the prompts of a file. Its name ends in {@code .jsonl} if it holds JSON lines; empty
   * lines count for nothing.
   *
   * @throws IOException if the file cannot be read or a line holds no prompt; the message says
   *     which
   */
  static List<String> read(String file) throws IOException {
    String text =
        file.equals(STANDARD_INPUT)
            ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8)
            : Files.readString(Path.of(file));
    List<String> lines = text.lines().toList();
    List<String> prompts = new ArrayList<>();
    for (int i = 0; i < lines.size(); i++) {
      if (!lines.get(i).isEmpty()) {
        prompts.add(file.endsWith(JSON_LINES) ? field(lines.get(i), file, i + 1) : lines.get(i));
      }
    }
    return prompts;
  }

  private static String field(String line, String file, int number) throws IOException {
    try {
      JsonNode prompt = new JsonMapper().readTree(line).path(FIELD);
      if (prompt.isTextual()) {
        return prompt.textValue();
      }
    } catch (JacksonException e) {
      // Is no JSON, and so has no prompt.
    }
    throw new IOException(
        "line " + number + " of " + file + " is no JSON object with a text '" + FIELD + "'");
  }
}
