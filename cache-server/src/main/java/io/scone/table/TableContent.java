package io.scone.table;

import io.scone.fgram.FgramKey;
import io.scone.manifest.Fingerprint;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * The sum of a table's keys and rows, taken in key order: how many they are and their fingerprint.
 */
final class TableContent implements RowVisitor {
  private final int vocabularySize;
  private final int rowBytes;
  private final long[] countsByLength;
  private final Fingerprint fingerprint = new Fingerprint();
  private final ByteBuffer keyLength = ByteBuffer.allocate(Integer.BYTES);
  private byte[] lastKey = {};
  private long rowCount;

  TableContent(int vocabularySize, int maxNgram, int rowBytes) {
    this.vocabularySize = vocabularySize;
    this.rowBytes = rowBytes;
    this.countsByLength = new long[maxNgram - 1];
  }

  /**
   * Adds the next key and row; the row's buffer is left at its limit.
   *
   * @throws IllegalArgumentException if no table may hold them after those before them; nothing is
   *     added
   */
  @Override
  public void visit(byte[] key, long count, ByteBuffer row) {
    check(key);
    if (count < 1) {
      throw new IllegalArgumentException(
          "f-gram " + Arrays.toString(FgramKey.decode(key)) + " has the count " + count);
    }
    if (row.remaining() != rowBytes) {
      throw new IllegalArgumentException(
          "a row of " + row.remaining() + " bytes where rows take " + rowBytes);
    }
    fingerprint.update(keyLength.clear().putInt(key.length).flip()).update(key).update(row);
    countsByLength[key.length / FgramKey.TOKEN_BYTES - FgramKey.MIN_TOKENS]++;
    rowCount++;
    lastKey = key.clone();
  }

  private void check(byte[] key) {
    int[] tokens = FgramKey.decode(key);
    int maxNgram = countsByLength.length + 1;
    if (tokens.length > maxNgram) {
      throw new IllegalArgumentException(
          "f-gram " + Arrays.toString(tokens) + " is longer than K, which is " + maxNgram);
    }
    for (int token : tokens) {
      if (token < 0 || token >= vocabularySize) {
        throw new IllegalArgumentException(
            "f-gram "
                + Arrays.toString(tokens)
                + " holds a token outside the vocabulary of "
                + vocabularySize);
      }
    }
    if (FgramKey.compare(lastKey, key) >= 0) {
      throw new IllegalArgumentException(
          "f-gram "
              + Arrays.toString(tokens)
              + " does not come after "
              + Arrays.toString(FgramKey.decode(lastKey))
              + " in key order");
    }
    // A suffix's key is a prefix of the f-gram's key. Keys come in the order in which one walks a
    // tree of prefixes, so an f-gram's longest suffix is the key before it or a prefix of that.
    int suffix = key.length - FgramKey.TOKEN_BYTES;
    boolean closed =
        tokens.length == FgramKey.MIN_TOKENS
            || (lastKey.length >= suffix && Arrays.equals(key, 0, suffix, lastKey, 0, suffix));
    if (!closed) {
      throw new IllegalArgumentException(
          "f-gram " + Arrays.toString(tokens) + " comes without its suffix before it");
    }
  }

  /** Returns the rows added. */
  long rowCount() {
    return rowCount;
  }

  /** Returns the rows added per f-gram length; the first entry counts bigrams. */
  List<Long> rowCountsByLength() {
    return Arrays.stream(countsByLength).boxed().toList();
  }

  /** Returns the content fingerprint of all that was added; nothing may be added afterwards. */
  String fingerprint() {
    return fingerprint.finish();
  }
}
