package io.scone.generation;

/** A request that was given to an engine. Safe for use by many threads. */
public interface GenerationHandle {
  /**
   * Gives the request up: its sequences leave before the next step. Nothing happens if it is over.
   */
  void cancel();
}
