package io.scone.client;

import io.scone.v1.TableVersion;

/** Which f-grams that were named token by token a table holds. */
final class ContainedFgrams {
  private final boolean[] contained;
  private final TableVersion servedBy;

  /** Takes over the array. */
  ContainedFgrams(boolean[] contained, TableVersion servedBy) {
    this.contained = contained;
    this.servedBy = servedBy;
  }

  /** Returns for each f-gram asked for whether the table holds it: its own array. */
  boolean[] contained() {
    return contained;
  }

  /** Returns the table that said so. */
  TableVersion servedBy() {
    return servedBy;
  }
}
