package io.scone.bench;

import java.io.IOException;

/** A store in one way of asking it, seen by the process that asks. */
interface Peer extends AutoCloseable {
  /** Returns a new caller, to be closed before the peer is. */
  Caller caller() throws IOException;

  /** Releases what the peer alone uses; its callers must be closed. */
  @Override
  default void close() {}
}
