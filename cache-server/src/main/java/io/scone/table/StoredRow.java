package io.scone.table;

import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * The form in which a row lies in RocksDB: its bytes, then the CRC-32C of its key and of them, 4
 * bytes big-endian.
 *
 * <p>So a row that was damaged, or that is another f-gram's, is never taken for a good one. For use
 * by one thread at a time.
 */
final class StoredRow {
  private static final int CHECKSUM_BYTES = Integer.BYTES;

  private final int rowBytes;
  private final byte[] bytes;
  private final CRC32C checksum = new CRC32C();

  StoredRow(int rowBytes) {
    this.rowBytes = rowBytes;
    this.bytes = new byte[rowBytes + CHECKSUM_BYTES];
  }

  /** Returns the row and its checksum; the array belongs to this object. */
  byte[] bytes() {
    return bytes;
  }

  /** Puts a row with the checksum that it has under a key. */
  void set(byte[] key, ByteBuffer row) {
    row.get(bytes, 0, rowBytes);
    ByteBuffer.wrap(bytes).putInt(rowBytes, checksum(key, key.length));
  }

  /** Says whether the checksum is the row's under a key, of which the first bytes count. */
  boolean isIntact(byte[] key, int keyLength) {
    return ByteBuffer.wrap(bytes).getInt(rowBytes) == checksum(key, keyLength);
  }

  private int checksum(byte[] key, int keyLength) {
    checksum.reset();
    checksum.update(key, 0, keyLength);
    checksum.update(bytes, 0, rowBytes);
    return (int) checksum.getValue();
  }
}
