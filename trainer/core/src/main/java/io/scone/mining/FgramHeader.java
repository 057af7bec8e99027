package io.scone.mining;

import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

/** The header of an f-gram file. */
record FgramHeader(int vocabularySize, int maxNgram, long size, String tokenizerFingerprint) {
  static final int BYTES = 8 + 2 * Integer.BYTES + Long.BYTES + 71 + 1;

  private static final byte[] MAGIC = "SCONEFG1".getBytes(StandardCharsets.US_ASCII);
  private static final int FINGERPRINT_BYTES = 71;

  /** Returns the bytes of the entry of an n-gram: its length, its key and its count. */
  static int entryBytes(int n) {
    return 1 + n * FgramKey.TOKEN_BYTES + Long.BYTES;
  }

  /** Returns the header's bytes, ready to be written. */
  ByteBuffer toBytes() {
    return ByteBuffer.allocate(BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .putInt(vocabularySize)
        .putInt(maxNgram)
        .putLong(size)
        .put(tokenizerFingerprint.getBytes(StandardCharsets.US_ASCII))
        .put((byte) 0)
        .flip();
  }

  /**
   * Reads the header of a file.
   *
   * @param bytes the file's first bytes, at most {@link #BYTES}
   * @param fileBytes the size of the file
   * @throws MiningException if they are not a header, or the f-grams it promises cannot be there
   */
  static FgramHeader read(Path file, ByteBuffer bytes, long fileBytes) throws MiningException {
    byte[] magic = new byte[MAGIC.length];
    if (bytes.remaining() >= magic.length) {
      bytes.order(ByteOrder.LITTLE_ENDIAN).get(magic);
    }
    if (!Arrays.equals(magic, MAGIC)) {
      throw new MiningException(file + " is not a file of f-grams (fgrams.bin)");
    }
    if (bytes.remaining() < BYTES - MAGIC.length) {
      throw new MiningException(file + " is damaged: it ends within its header");
    }
    int vocabularySize = bytes.getInt();
    int maxNgram = bytes.getInt();
    long size = bytes.getLong();
    byte[] fingerprint = new byte[FINGERPRINT_BYTES];
    bytes.get(fingerprint);
    FgramHeader header =
        new FgramHeader(
            vocabularySize, maxNgram, size, new String(fingerprint, StandardCharsets.US_ASCII));
    if (vocabularySize < 1
        || maxNgram < FgramKey.MIN_TOKENS
        || maxNgram > FgramKey.MAX_TOKENS
        || size < 0
        || size > Integer.MAX_VALUE
        || bytes.get() != 0
        || !Fingerprint.isWellFormed(header.tokenizerFingerprint)) {
      throw new MiningException(file + " is damaged: its header contradicts itself");
    }
    long content = fileBytes - BYTES;
    if (content < size * entryBytes(FgramKey.MIN_TOKENS) || content > size * entryBytes(maxNgram)) {
      throw new MiningException(
          "%s is damaged: %,d f-grams of up to %d tokens cannot take %,d bytes"
              .formatted(file, size, maxNgram, content));
    }
    return header;
  }
}
