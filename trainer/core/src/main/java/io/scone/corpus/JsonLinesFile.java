package io.scone.corpus;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;

/** A file of JSON lines: the field {@code text} of the object on each line is a document. */
final class JsonLinesFile implements DocumentFile {
  private static final ObjectReader JSON = new JsonMapper().reader();

  private final Path file;
  private final BufferedReader reader;
  private long line;

  JsonLinesFile(Path file, BufferedReader reader) {
    this.file = file;
    this.reader = reader;
  }

  @Override
  public String next() throws IOException {
    String json;
    do {
      line++;
      json = reader.readLine();
      if (json == null) {
        return null;
      }
    } while (json.isBlank());
    JsonNode text;
    try {
      text = JSON.readTree(json).path("text");
    } catch (JacksonException e) {
      throw new CorpusException(where() + ": not JSON: " + e.getOriginalMessage(), e);
    }
    if (!text.isTextual()) {
      throw new CorpusException(where() + ": no JSON object with a text in the field \"text\"");
    }
    return text.textValue();
  }

  @Override
  public String where() {
    return file + ", line " + line;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
