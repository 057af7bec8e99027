package io.scone.table;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Takes f-grams with their counts and rows, in key order. */
@FunctionalInterface
public interface RowVisitor {
  /**
   * Takes the next row.
   *
   * @param key the f-gram's key; the visitor's own
   * @param count how often the f-gram occurs in the corpus it was mined from
   * @param row the row's bytes, from position to limit; valid until the method returns
   */
  void visit(byte[] key, long count, ByteBuffer row) throws IOException;
}
