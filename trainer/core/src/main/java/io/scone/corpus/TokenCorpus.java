package io.scone.corpus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Objects;

/**
 * A tokenized corpus on disk: the tokens of every document in turn, each document ended by the
 * end-of-text token.
 *
 * <p>The file is mapped into memory, so it takes no heap, and the mapping lasts as long as this
 * object is reachable: there is nothing to close. Safe for use by many threads.
 */
public final class TokenCorpus {
  private static final int SEGMENT_BYTES = 1 << 30;

  private final Path file;
  private final TokensHeader header;
  private final TokenChecksums checksums;
  private final ByteBuffer[] segments;

  private TokenCorpus(
      Path file, TokensHeader header, TokenChecksums checksums, ByteBuffer[] segments) {
    this.file = file;
    this.header = header;
    this.checksums = checksums;
    this.segments = segments;
  }

  /**
   * Opens a {@code .tokens} file. Its tokens are not read yet: {@link #verify} does.
   *
   * @throws CorpusException if it is missing, not such a file or damaged
   */
  public static TokenCorpus open(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      ByteBuffer start = read(channel, 0, TokensHeader.BYTES);
      TokensHeader header = TokensHeader.read(file, start.duplicate());
      long end = TokensHeader.BYTES + header.tokenBytes();
      long size = end + TokenChecksums.bytes(header.tokenBytes());
      if (channel.size() != size) {
        throw new CorpusException(
            "%s is damaged: with %,d tokens it should have %,d bytes and has %,d"
                .formatted(file, header.tokenCount(), size, channel.size()));
      }
      TokenChecksums checksums =
          TokenChecksums.read(file, start, read(channel, end, (int) (size - end)));
      return new TokenCorpus(file, header, checksums, map(channel, header.tokenBytes()));
    } catch (NoSuchFileException e) {
      throw new CorpusException("there is no tokenized corpus '" + file + "'", e);
    }
  }

  /**
   * Reads all tokens once, several pieces at a time, and compares them with their checksums.
   *
   * @return this corpus
   * @throws CorpusException if they are not what was written
   */
  public TokenCorpus verify() throws IOException {
    checksums.verify(file, TokensHeader.BYTES, header.tokenBytes());
    return this;
  }

  /** Returns the file. */
  public Path file() {
    return file;
  }

  /** Returns a checksum of all content; other tokens have another. */
  public int checksum() {
    return checksums.own();
  }

  /** Returns the number of tokens, end-of-text tokens included. */
  public long tokenCount() {
    return header.tokenCount();
  }

  /** Returns the number of documents, which is that of end-of-text tokens. */
  public long documentCount() {
    return header.documentCount();
  }

  /** Returns the words of the original text, split at white space. */
  public long words() {
    return header.words();
  }

  /** Returns the bytes of the original text in UTF-8. */
  public long utf8Bytes() {
    return header.utf8Bytes();
  }

  /** Returns the places of the end-of-text tokens, which all are read for. */
  public long[] documentEnds() {
    long[] ends = new long[Math.toIntExact(documentCount())];
    int[] tokens = new int[1 << 16];
    int found = 0;
    for (long at = 0; at < tokenCount(); at += tokens.length) {
      int count = (int) Math.min(tokens.length, tokenCount() - at);
      read(at, tokens, 0, count);
      for (int i = 0; i < count; i++) {
        if (tokens[i] == endOfText()) {
          if (found == ends.length) {
            throw damagedDocuments();
          }
          ends[found++] = at + i;
        }
      }
    }
    if (found < ends.length || ends[found - 1] != tokenCount() - 1) {
      throw damagedDocuments();
    }
    return ends;
  }

  private IllegalStateException damagedDocuments() {
    return new IllegalStateException(
        "%s is damaged: it does not hold the %,d documents it claims"
            .formatted(file, documentCount()));
  }

  /** Returns the exclusive bound of the tokens. */
  public int vocabularySize() {
    return header.vocabularySize();
  }

  /** Returns the token that ends every document. */
  public int endOfText() {
    return header.endOfText();
  }

  /** Returns the fingerprint of the tokenizer that made the tokens. */
  public String tokenizerFingerprint() {
    return header.tokenizerFingerprint();
  }

  /**
   * Copies tokens.
   *
   * @param from the place in the corpus of the first token wanted
   * @param into where the tokens go, from {@code offset}
   * @param count the tokens wanted
   * @throws IndexOutOfBoundsException if the corpus or the array does not have that many
   * @throws IllegalStateException if a token is outside the vocabulary: the file is damaged
   */
  public void read(long from, int[] into, int offset, int count) {
    Objects.checkFromIndexSize(from, count, tokenCount());
    Objects.checkFromIndexSize(offset, count, into.length);
    int width = header.bytesPerToken();
    long at = from * width;
    int done = 0;
    while (done < count) {
      ByteBuffer segment = segments[(int) (at / SEGMENT_BYTES)];
      int start = (int) (at % SEGMENT_BYTES);
      int step = Math.min(count - done, (segment.capacity() - start) / width);
      if (width == Short.BYTES) {
        for (int i = 0; i < step; i++) {
          into[offset + done + i] = Short.toUnsignedInt(segment.getShort(start + i * Short.BYTES));
        }
      } else {
        for (int i = 0; i < step; i++) {
          into[offset + done + i] = segment.getInt(start + i * Integer.BYTES);
        }
      }
      done += step;
      at += (long) step * width;
    }
    for (int i = offset; i < offset + count; i++) {
      if (Integer.compareUnsigned(into[i], header.vocabularySize()) >= 0) {
        throw new IllegalStateException(
            "%s is damaged: token %,d is %d, outside the vocabulary of %d"
                .formatted(file, from + i - offset, into[i], header.vocabularySize()));
      }
    }
  }

  /** Returns bytes of a file, fewer where it ends before. */
  private static ByteBuffer read(FileChannel channel, long from, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining() && channel.read(bytes, from + bytes.position()) >= 0) {}
    return bytes.flip();
  }

  private static ByteBuffer[] map(FileChannel channel, long bytes) throws IOException {
    ByteBuffer[] segments = new ByteBuffer[(int) ((bytes + SEGMENT_BYTES - 1) / SEGMENT_BYTES)];
    for (int i = 0; i < segments.length; i++) {
      long start = (long) i * SEGMENT_BYTES;
      segments[i] =
          channel
              .map(
                  FileChannel.MapMode.READ_ONLY,
                  TokensHeader.BYTES + start,
                  Math.min(SEGMENT_BYTES, bytes - start))
              .order(ByteOrder.LITTLE_ENDIAN);
    }
    return segments;
  }
}
