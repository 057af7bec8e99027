package io.scone.corpus;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.BufferedInputStream;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/** Reads documents one after another. For use by one thread. */
public final class DocumentReader implements Closeable {
  private static final int MAX_FILE_CHARACTERS = 1 << 30;
  private static final ObjectReader JSON = new JsonMapper().reader();

  private final Iterator<Path> files;
  private Path file;
  private BufferedReader reader;
  private long line;
  private long bytesRead;

  DocumentReader(List<Path> files) {
    this.files = files.iterator();
  }

  /**
   * Returns the text of the next document, or null after the last.
   *
   * @throws CorpusException if a file cannot be read or is malformed; the message names the file
   *     and, in JSON lines, the line
   */
  public String next() throws IOException {
    while (reader != null || files.hasNext()) {
      try {
        if (reader == null) {
          open(files.next());
        }
        String text = TextFormat.isJsonLines(file) ? nextLine() : wholeFile();
        if (text == null) {
          close();
        } else if (!text.isEmpty()) {
          return text;
        }
      } catch (CharacterCodingException e) {
        throw new CorpusException(where() + ": not UTF-8 text", e);
      } catch (CorpusException e) {
        throw e;
      } catch (IOException e) {
        throw new CorpusException(where() + ": cannot be read: " + e.getMessage(), e);
      }
    }
    return null;
  }

  /** Returns the bytes read so far of the files as they are stored. */
  public long bytesRead() {
    return bytesRead;
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      reader.close();
      reader = null;
    }
  }

  private void open(Path next) throws IOException {
    file = next;
    line = 0;
    InputStream stored = new BufferedInputStream(new CountingStream(Files.newInputStream(file)));
    try {
      reader =
          new BufferedReader(
              new InputStreamReader(
                  TextFormat.decompress(file, stored),
                  // A decoder of its own reports malformed bytes; a charset would replace them.
                  StandardCharsets.UTF_8.newDecoder()));
    } catch (IOException e) {
      stored.close();
      throw e;
    }
  }

  /** Returns the text of the next line that is not blank, or null at the end of the file. */
  private String nextLine() throws IOException {
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

  /** Returns the text of the file, and null when called again. */
  private String wholeFile() throws IOException {
    char[] buffer = new char[1 << 16];
    StringBuilder text = new StringBuilder();
    int read = reader.read(buffer);
    if (read < 0) {
      return null;
    }
    while (read >= 0) {
      text.append(buffer, 0, read);
      if (text.length() > MAX_FILE_CHARACTERS) {
        throw new CorpusException(
            file
                + " is one document of more than 2^30 characters: split it, or make it .jsonl with"
                + " one document a line");
      }
      read = reader.read(buffer);
    }
    return text.toString();
  }

  private String where() {
    return TextFormat.isJsonLines(file) ? file + ", line " + line : file.toString();
  }

  /** Counts what is read of a file, before decompression. */
  private final class CountingStream extends FilterInputStream {
    CountingStream(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int value = super.read();
      bytesRead += value < 0 ? 0 : 1;
      return value;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      int read = super.read(into, offset, length);
      bytesRead += Math.max(0, read);
      return read;
    }
  }
}
