package io.scone.generation;

import io.scone.inference.PromptChunks;

/**
 * What an engine may use.
 *
 * @param slots how many sequences are read side by side at most
 * @param capacity the most tokens that each may come to, at most the model's context; 0 for the
 *     context. Memory for the keys and values of {@code slots} x {@code capacity} tokens is taken
 *     at once
 * @param prefillTokens how many tokens of prompts are read between two steps of decoding, about:
 *     the more, the sooner prompts are read and the longer the others wait for them
 * @param queue how many requests may wait for slots
 * @param samplingThreads how many threads choose the tokens of a step
 */
public record EngineConfig(
    int slots, int capacity, int prefillTokens, int queue, int samplingThreads) {
  /** Threads that choose tokens where nothing speaks for another number. */
  private static final int MAX_SAMPLING_THREADS = 4;

  /** Checks the bounds. */
  public EngineConfig {
    atLeast(1, slots, "slots");
    atLeast(0, capacity, "capacity");
    atLeast(1, prefillTokens, "tokens of prompts between two steps");
    atLeast(1, queue, "queue");
    atLeast(1, samplingThreads, "sampling threads");
  }

  private static void atLeast(int least, int value, String name) {
    if (value < least) {
      throw new IllegalArgumentException(name + " are " + value + ", fewer than " + least);
    }
  }

  /** Returns the configuration of an engine of so many slots. */
  public static EngineConfig ofSlots(int slots) {
    return new EngineConfig(
        slots,
        0,
        PromptChunks.DEFAULT_SIZE,
        Math.max(1, 4 * slots),
        Math.min(MAX_SAMPLING_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  /** Returns this with another capacity of each slot. */
  public EngineConfig withCapacity(int tokens) {
    return new EngineConfig(slots, tokens, prefillTokens, queue, samplingThreads);
  }

  /** Returns this with another number of tokens of prompts between two steps. */
  public EngineConfig withPrefillTokens(int tokens) {
    return new EngineConfig(slots, capacity, tokens, queue, samplingThreads);
  }

  /** Returns this with another number of requests that may wait. */
  public EngineConfig withQueue(int requests) {
    return new EngineConfig(slots, capacity, prefillTokens, requests, samplingThreads);
  }
}
