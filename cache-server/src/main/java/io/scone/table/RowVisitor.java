package io.scone.table;

import java.nio.ByteBuffer;

/** Takes keys and rows in key order. */
@FunctionalInterface
interface RowVisitor {
  /**
   * Takes the next row.
   *
   * @param key the f-gram's key
   * @param row the row's bytes, from position to limit; valid until the method returns
   */
  void visit(byte[] key, ByteBuffer row);
}
