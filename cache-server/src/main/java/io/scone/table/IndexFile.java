package io.scone.table;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The form of `index.bin`: what its writer and its reader agree on. */
final class IndexFile {
  /*
   * The f-grams as a walk of their trie from the last token backwards, which is key order. After
   * the header every entry is one byte, the depth n, then the token that the walk meets there: for
   * n = 1 the last token of the f-grams that follow, and else the first token of an f-gram whose
   * other n - 1 tokens are those on the way to it, followed by its count. Tokens and counts are
   * varints of 7 bits a byte, the low bits first. About 6 bytes an f-gram.
   */

  static final String NAME = "index.bin";
  static final int HEADER_BYTES = 16;
  static final int MAX_ENTRY_BYTES = 1 + 5 + 10;

  private static final byte[] MAGIC = "SCONEIX1".getBytes(StandardCharsets.US_ASCII);

  private IndexFile() {}

  /** Returns the header: the magic, the vocabulary's size and K, 4 bytes each, little-endian. */
  static ByteBuffer header(int vocabularySize, int maxNgram) {
    return ByteBuffer.allocate(HEADER_BYTES)
        .order(ByteOrder.LITTLE_ENDIAN)
        .put(MAGIC)
        .putInt(vocabularySize)
        .putInt(maxNgram)
        .flip();
  }

  static void putVarint(ByteBuffer buffer, long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      buffer.put((byte) (rest | 0x80));
      rest >>>= 7;
    }
    buffer.put((byte) rest);
  }
}
