package io.scone.table;

import java.io.IOException;

/** Takes f-grams with their counts, in key order. */
@FunctionalInterface
public interface FgramVisitor {
  /**
   * Takes the next f-gram.
   *
   * @param tokens its tokens in reading order; the visitor's own
   * @param count how often it occurs in the corpus it was mined from
   */
  void visit(int[] tokens, long count) throws IOException;
}
