package io.scone.corpus;

import io.scone.concurrent.Workers;
import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.CRC32C;

/**
 * The CRC-32C of each piece of the tokens of a {@code .tokens} file: what ends the file, 4 bytes
 * each, with one of the header and of these after them.
 */
final class TokenChecksums {
  /** The bytes of all pieces but the last, which may be shorter. */
  static final int PIECE_BYTES = 1 << 26;

  private static final int BUFFER_BYTES = 1 << 20;

  private final int[] pieces;
  private final int own;

  private TokenChecksums(int[] pieces, int own) {
    this.pieces = pieces;
    this.own = own;
  }

  /** Returns the bytes that the checksums of so many bytes of tokens take. */
  static long bytes(long tokenBytes) {
    return (pieces(tokenBytes) + 1) * Integer.BYTES;
  }

  /**
   * Reads the checksums of a file.
   *
   * @param header the bytes of the file's header
   * @param bytes the end of the file
   * @throws CorpusException if either is not what was written
   */
  static TokenChecksums read(Path file, ByteBuffer header, ByteBuffer bytes)
      throws CorpusException {
    ByteBuffer stored = bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    int[] pieces = new int[stored.remaining() / Integer.BYTES - 1];
    stored.asIntBuffer().get(pieces);
    int own = stored.getInt(stored.limit() - Integer.BYTES);
    if (own != own(header, bytes.duplicate().limit(bytes.limit() - Integer.BYTES))) {
      throw new CorpusException(file + " is damaged: its header or its checksums have changed");
    }
    return new TokenChecksums(pieces, own);
  }

  /** Returns the one of the header and of the others. */
  int own() {
    return own;
  }

  /**
   * Reads all tokens, several pieces at once, and compares each piece with its checksum.
   *
   * @param begin the place in the file of the first token
   * @param bytes the bytes of all tokens
   * @throws CorpusException if one is not what was written
   */
  void verify(Path file, long begin, long bytes) throws IOException {
    AtomicInteger next = new AtomicInteger();
    try (FileChannel channel = FileChannel.open(file)) {
      Workers.run(
          Math.max(1, Math.min(pieces.length, Runtime.getRuntime().availableProcessors())),
          () -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
            for (int i = next.getAndIncrement(); i < pieces.length; i = next.getAndIncrement()) {
              long from = (long) i * PIECE_BYTES;
              long to = Math.min(bytes, from + PIECE_BYTES);
              if (checksum(channel, begin + from, begin + to, buffer) != pieces[i]) {
                throw new CorpusException(
                    "%s is damaged: its bytes %,d to %,d are not what was written"
                        .formatted(file, begin + from, begin + to - 1));
              }
            }
            return null;
          });
    }
  }

  private static int checksum(FileChannel channel, long from, long to, ByteBuffer buffer)
      throws IOException {
    CRC32C checksum = new CRC32C();
    for (long at = from; at < to; ) {
      int read = channel.read(buffer.clear().limit((int) Math.min(BUFFER_BYTES, to - at)), at);
      if (read < 0) {
        break; // A file that became shorter; the checksum says so.
      }
      checksum.update(buffer.flip());
      at += read;
    }
    return (int) checksum.getValue();
  }

  private static long pieces(long tokenBytes) {
    return (tokenBytes + PIECE_BYTES - 1) / PIECE_BYTES;
  }

  private static int own(ByteBuffer header, ByteBuffer pieces) {
    CRC32C checksum = new CRC32C();
    checksum.update(header.duplicate());
    checksum.update(pieces);
    return (int) checksum.getValue();
  }

  /** Computes the checksums of tokens as they are written. */
  static final class Builder {
    private final IntArrayList pieces = new IntArrayList();
    private final CRC32C checksum = new CRC32C();
    private int pieceBytes;

    /** Adds the next bytes of tokens. */
    void update(ByteBuffer bytes) {
      ByteBuffer rest = bytes.duplicate();
      while (rest.hasRemaining()) {
        ByteBuffer part = rest.duplicate();
        part.limit(rest.position() + Math.min(rest.remaining(), PIECE_BYTES - pieceBytes));
        pieceBytes += part.remaining();
        rest.position(part.limit());
        checksum.update(part);
        if (pieceBytes == PIECE_BYTES) {
          endPiece();
        }
      }
    }

    /** Returns the bytes to end the file with, once all tokens are added. */
    ByteBuffer toBytes(ByteBuffer header) {
      if (pieceBytes > 0) {
        endPiece();
      }
      ByteBuffer bytes =
          ByteBuffer.allocate((pieces.size() + 1) * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      pieces.forEach(bytes::putInt);
      return bytes.putInt(own(header, bytes.duplicate().flip())).flip();
    }

    private void endPiece() {
      pieces.add((int) checksum.getValue());
      checksum.reset();
      pieceBytes = 0;
    }
  }
}
