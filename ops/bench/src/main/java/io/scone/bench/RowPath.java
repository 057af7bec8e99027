package io.scone.bench;

import java.util.Locale;

/** How a measured model gets its rows, and where it keeps its keys and values. */
public enum RowPath {
  /** Rows of a cache server on this machine. */
  SERVED,
  /** No rows: the same graph without SCONE. */
  NONE,
  /** No rows, and keys and values in the host's memory. */
  HOST_CACHE;

  /** Returns the name used on the command line and in results. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
