package io.scone.bench;

/** A walk around a source's circle, a batch a step. For use by one thread at a time. */
final class Cursor {
  private final Workload.Source source;
  private final int batch;
  private int next;

  /** Begins at any place; the circle goes round as often as needed. */
  Cursor(Workload.Source source, int batch, long start) {
    this.source = source;
    this.batch = batch;
    this.next = (int) (start % source.size());
  }

  Query next() {
    if (next + batch > source.size()) {
      next = 0;
    }
    Query query = source.query(next, batch);
    next += batch;
    return query;
  }
}
