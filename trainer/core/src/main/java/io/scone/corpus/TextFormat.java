package io.scone.corpus;

import com.github.luben.zstd.ZstdInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** What the name of a text file says about its content. */
final class TextFormat {
  private static final int BUFFER_BYTES = 1 << 16;

  private TextFormat() {}

  /** Says whether a file found in a directory is taken for text. */
  static boolean isText(Path file) {
    String name = uncompressedName(file);
    return name.endsWith(".txt") || isJsonLines(file) || isParquet(file);
  }

  static boolean isJsonLines(Path file) {
    return uncompressedName(file).endsWith(".jsonl");
  }

  static boolean isParquet(Path file) {
    return file.toString().endsWith(".parquet");
  }

  /** Returns a stream of the text in the bytes of a file. */
  static InputStream decompress(Path file, InputStream stored) throws IOException {
    String name = file.toString();
    if (name.endsWith(".gz")) {
      return new GZIPInputStream(stored, BUFFER_BYTES);
    }
    return name.endsWith(".zst") ? new ZstdInputStream(stored) : stored;
  }

  private static String uncompressedName(Path file) {
    return file.toString().replaceFirst("\\.(gz|zst)$", "");
  }
}
