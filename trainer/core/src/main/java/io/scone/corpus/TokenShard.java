package io.scone.corpus;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** The tokens of one {@code .tokens} file, mapped into memory. Safe for use by many threads. */
final class TokenShard {
  private static final int SEGMENT_BYTES = 1 << 30;

  private final Path file;
  private final TokensHeader header;
  private final TokenChecksums checksums;
  private final ByteBuffer[] segments;

  private TokenShard(
      Path file, TokensHeader header, TokenChecksums checksums, ByteBuffer[] segments) {
    this.file = file;
    this.header = header;
    this.checksums = checksums;
    this.segments = segments;
  }

  /** Opens a file; its tokens are not read yet. */
  static TokenShard open(Path file) throws IOException {
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
      return new TokenShard(file, header, checksums, map(channel, header.tokenBytes()));
    } catch (NoSuchFileException e) {
      throw new CorpusException("there is no tokenized corpus '" + file + "'", e);
    }
  }

  /** Reads all tokens once, several pieces at a time, and compares them with their checksums. */
  void verify() throws IOException {
    checksums.verify(file, TokensHeader.BYTES, header.tokenBytes());
  }

  Path file() {
    return file;
  }

  TokensHeader header() {
    return header;
  }

  /** Returns a checksum of all content. */
  int checksum() {
    return checksums.own();
  }

  /** Copies tokens, all of which the file and the array have, as {@link TokenCorpus#read}. */
  void read(long from, int[] into, int offset, int count) {
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
