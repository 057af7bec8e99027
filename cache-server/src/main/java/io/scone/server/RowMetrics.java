package io.scone.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** The meters of what was asked of the tables and found in them. */
final class RowMetrics {
  private final Counter positions;
  private final Counter matches;
  private final Counter found;
  private final Counter missing;
  private final Counter fromMemory;
  private final Counter fromDisk;

  RowMetrics(MeterRegistry registry) {
    positions = registry.counter("scone.positions");
    matches = registry.counter("scone.matches");
    found = registry.counter("scone.fgrams", "result", "found");
    missing = registry.counter("scone.fgrams", "result", "missing");
    fromMemory = registry.counter("scone.rows", "tier", "memory");
    fromDisk = registry.counter("scone.rows", "tier", "disk");
  }

  /** Records a match request: how many positions it asked for, and at how many an f-gram ends. */
  void matched(int asked, int matched) {
    positions.increment(asked);
    matches.increment(matched);
  }

  /** Records a request that names f-grams: how many it names, and how many the table holds. */
  void lookedUp(int asked, int held) {
    found.increment(held);
    missing.increment(asked - held);
  }

  /**
   * Records the rows of a reply, once read.
   *
   * @param rows how many there are
   * @param resident how many of them were held in memory
   */
  void read(int rows, long resident) {
    fromMemory.increment((double) resident);
    fromDisk.increment((double) (rows - resident));
  }
}
