package io.scone.mining;

import io.scone.fgram.FgramKey;

/**
 * What to mine, and with what means. The means do not change the result.
 *
 * @param maxNgram K, the most tokens in an f-gram, 2 to 255
 * @param size the most f-grams to keep
 * @param minCount the floor: n-grams that occur less often are dropped
 * @param minDocuments n-grams that occur in fewer documents are dropped; where it is 1 documents
 *     are not counted
 * @param memoryBytes the memory for counting; what does not fit goes through temporary files beside
 *     the output
 * @param threads the threads that count
 */
public record MiningOptions(
    int maxNgram, int size, long minCount, int minDocuments, long memoryBytes, int threads) {
  /** The least memory that is worth counting in. */
  public static final long MIN_MEMORY_BYTES = 1 << 20;

  private static final long MAX_DEFAULT_MEMORY_BYTES = 2L << 30;

  public MiningOptions {
    check(
        maxNgram >= FgramKey.MIN_TOKENS && maxNgram <= FgramKey.MAX_TOKENS,
        "the longest n-gram must have 2 to 255 tokens, not " + maxNgram);
    check(size >= 1, "the number of f-grams must be positive, not " + size);
    check(minCount >= 1, "the least count must be positive, not " + minCount);
    check(minDocuments >= 1, "the least number of documents must be positive, not " + minDocuments);
    check(threads >= 1, "the number of threads must be positive, not " + threads);
    check(
        memoryBytes >= MIN_MEMORY_BYTES,
        "mining needs at least 1 MiB of memory, not " + memoryBytes + " bytes");
    long heap = Runtime.getRuntime().maxMemory();
    check(
        memoryBytes <= heap / 10 * 9,
        "mining with %,d MiB of memory needs a larger Java heap than %,d MiB"
            .formatted(memoryBytes >> 20, heap >> 20));
  }

  /** Returns the memory to count in unless told otherwise: half of the Java heap, at most 2 GiB. */
  public static long defaultMemoryBytes() {
    return Math.min(MAX_DEFAULT_MEMORY_BYTES, Runtime.getRuntime().maxMemory() / 2);
  }

  /** Says whether documents have to be counted. */
  boolean countsDocuments() {
    return minDocuments > 1;
  }

  private static void check(boolean condition, String message) {
    if (!condition) {
      throw new IllegalArgumentException(message);
    }
  }
}
