package io.scone.corpus;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Path;

/** A file that is one document as a whole. */
final class PlainTextFile implements DocumentFile {
  private static final int MAX_CHARACTERS = 1 << 30;

  private final Path file;
  private final Reader reader;

  PlainTextFile(Path file, Reader reader) {
    this.file = file;
    this.reader = reader;
  }

  @Override
  public String next() throws IOException {
    char[] buffer = new char[1 << 16];
    StringBuilder text = new StringBuilder();
    int read = reader.read(buffer);
    if (read < 0) {
      return null;
    }
    while (read >= 0) {
      text.append(buffer, 0, read);
      if (text.length() > MAX_CHARACTERS) {
        throw new CorpusException(
            file
                + " is one document of more than 2^30 characters: split it, or make it .jsonl with"
                + " one document a line");
      }
      read = reader.read(buffer);
    }
    return text.toString();
  }

  @Override
  public String where() {
    return file.toString();
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
