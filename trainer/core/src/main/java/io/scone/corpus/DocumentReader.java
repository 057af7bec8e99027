package io.scone.corpus;

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
  private final Iterator<Path> files;
  private DocumentFile file;
  private long bytesRead;

  DocumentReader(List<Path> files) {
    this.files = files.iterator();
  }

  /**
   * Returns the text of the next document, or null after the last.
   *
   * @throws CorpusException if a file cannot be read or is malformed; the message names the file
   *     and, in JSON lines and Parquet, the line or row
   */
  public String next() throws IOException {
    while (file != null || files.hasNext()) {
      if (file == null) {
        file = open(files.next());
      }
      try {
        String text = file.next();
        if (text == null) {
          close();
        } else if (!text.isEmpty()) {
          return text;
        }
      } catch (CharacterCodingException e) {
        throw new CorpusException(file.where() + ": not UTF-8 text", e);
      } catch (CorpusException e) {
        throw e;
      } catch (IOException e) {
        throw new CorpusException(file.where() + ": cannot be read: " + e.getMessage(), e);
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
    if (file != null) {
      file.close();
      file = null;
    }
  }

  private DocumentFile open(Path path) throws IOException {
    try {
      if (TextFormat.isParquet(path)) {
        return ParquetFile.open(path, bytes -> bytesRead += bytes);
      }
      BufferedReader reader = reader(path);
      return TextFormat.isJsonLines(path)
          ? new JsonLinesFile(path, reader)
          : new PlainTextFile(path, reader);
    } catch (CorpusException e) {
      throw e;
    } catch (IOException e) {
      throw new CorpusException(path + ": cannot be read: " + e.getMessage(), e);
    }
  }

  private BufferedReader reader(Path path) throws IOException {
    InputStream stored = new BufferedInputStream(new CountingStream(Files.newInputStream(path)));
    try {
      return new BufferedReader(
          new InputStreamReader(
              TextFormat.decompress(path, stored),
              // A decoder of its own reports malformed bytes; a charset would replace them.
              StandardCharsets.UTF_8.newDecoder()));
    } catch (IOException e) {
      stored.close();
      throw e;
    }
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
