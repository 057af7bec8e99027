package io.scone.bench;

import java.util.Locale;

/** The stores and the ways of asking them that can be measured. */
public enum Store {
  /** The cache server with its rows in memory. */
  SCONE_RAM,
  /** The cache server with its rows on disk. */
  SCONE_DISK,
  /** Redis, asked with MGET for every n-gram that could be an f-gram. */
  REDIS_CANDIDATES,
  /** Redis, asked for the longest f-gram of each position by a client that knows them all. */
  REDIS_EXACT,
  /** The same, each distinct f-gram asked for once. */
  REDIS_EXACT_DISTINCT,
  /** Matching on the server and distinct rows over bare sockets: the floor of the network. */
  RAW_TCP,
  /** LMDB in the process that asks. */
  LMDB,
  /** A table on disk in the process that asks. */
  TABLE_DISK,
  /** A mapped matrix and an index in the process that asks: the floor of all. */
  MMAP;

  /** Says whether this way of asking makes a difference for a workload. */
  boolean takes(Workload workload) {
    return this != REDIS_CANDIDATES || workload == Workload.TEXT; // a name has no candidates
  }

  /** Returns the name on the command line and in results, such as {@code scone-ram}. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
