package io.scone.mining;

import io.scone.fgram.FgramIndex;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The f-grams of a model with their counts: the file {@code fgrams.bin}. Immutable. */
public final class FgramFile {
  private final Path file;
  private final FgramHeader header;

  private FgramFile(Path file, FgramHeader header) {
    this.file = file;
    this.header = header;
  }

  /**
   * Opens a file and reads its header; the f-grams themselves are checked as they are read.
   *
   * @throws MiningException if it is missing, not such a file or damaged
   */
  public static FgramFile open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer start = ByteBuffer.allocate(FgramHeader.BYTES);
      while (start.hasRemaining() && channel.read(start) >= 0) {}
      return new FgramFile(file, FgramHeader.read(file, start.flip(), channel.size()));
    } catch (NoSuchFileException e) {
      throw new MiningException("there is no file of f-grams '" + file + "'", e);
    }
  }

  /** Returns the number of f-grams. */
  public int size() {
    return (int) header.size();
  }

  /** Returns K, the most tokens that an f-gram may have. */
  public int maxNgram() {
    return header.maxNgram();
  }

  /** Returns the exclusive bound of the tokens. */
  public int vocabularySize() {
    return header.vocabularySize();
  }

  /** Returns the fingerprint of the tokenizer whose tokens these are. */
  public String tokenizerFingerprint() {
    return header.tokenizerFingerprint();
  }

  /** Begins to read the f-grams in key order. The cursor is to be closed by the caller. */
  public FgramCursor cursor() throws IOException {
    return new FgramCursor(file, header);
  }

  /**
   * Reads all f-grams into an index, where each has its place in this file as ordinal.
   *
   * @throws MiningException if the file is damaged
   */
  public FgramIndex index() throws IOException {
    FgramIndex.Builder index = FgramIndex.builder(vocabularySize(), maxNgram(), size());
    try (FgramCursor cursor = cursor()) {
      while (cursor.next()) {
        index.add(cursor.tokens());
      }
      return index.build();
    } catch (IllegalArgumentException e) {
      throw new MiningException(file + " is damaged: " + e.getMessage(), e);
    }
  }
}
