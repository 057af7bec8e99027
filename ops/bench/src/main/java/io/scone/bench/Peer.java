package io.scone.bench;

import java.io.IOException;

/** A store that is measured, in one way of asking it. */
interface Peer extends AutoCloseable {
  /** Returns the name in results. */
  String name();

  /** Says whether this way of asking makes a difference for a workload. */
  default boolean takes(Workload workload) {
    return true;
  }

  /** Returns the process that serves: this one where the store is in it. */
  default ProcessHandle server() {
    return ProcessHandle.current();
  }

  /** Returns a new caller, to be closed before the store is. */
  Caller caller() throws IOException;

  /** Releases what the peer alone uses; its callers must be closed. */
  @Override
  default void close() {}
}
