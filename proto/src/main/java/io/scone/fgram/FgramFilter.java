package io.scone.fgram;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A set of n-grams of which every one that was added is known, and of any other in all likelihood
 * that it was not: a blocked Bloom filter of about 12 bits an n-gram. {@code
 * GetFgramFilterResponse} defines its bytes.
 *
 * <p>An n-gram is named by a hash that grows from its last token backwards, as the search for a
 * longest match walks: {@link #extend} takes it from {@link #NO_TOKEN} a token further.
 *
 * <p>Safe for use by many threads once nothing is added any more.
 */
public final class FgramFilter {
  /** The hash of no tokens. */
  public static final long NO_TOKEN = 0;

  /** Bytes of a block: what one question reads, a line of the processor's cache. */
  public static final int BLOCK_BYTES = 64;

  private static final int BLOCK_WORDS = BLOCK_BYTES / Long.BYTES;
  private static final int BITS_PER_FGRAM = 12;
  private static final int PROBES = 6;
  private static final int PROBE_BITS = 9; // 512 bits in a block

  private final long[] words;
  private final long blocks;

  private FgramFilter(long bytes) {
    this.words = new long[Math.toIntExact(bytes / Long.BYTES)];
    this.blocks = bytes / BLOCK_BYTES;
  }

  /** Returns the bytes of a filter with room for so many n-grams. */
  public static long bytesFor(long count) {
    long bytes = count * BITS_PER_FGRAM / Byte.SIZE;
    return (bytes / BLOCK_BYTES + 1) * BLOCK_BYTES;
  }

  /** Returns a filter without n-grams, with room for so many. */
  public static FgramFilter forFgrams(long count) {
    return new FgramFilter(bytesFor(count));
  }

  /**
   * Returns a filter without n-grams whose parts are to be {@link #put}.
   *
   * @throws IllegalArgumentException if a filter does not have so many bytes
   */
  public static FgramFilter ofBytes(long bytes) {
    if (bytes < BLOCK_BYTES
        || bytes % BLOCK_BYTES != 0
        || bytes / Long.BYTES > Integer.MAX_VALUE - BLOCK_WORDS) {
      throw new IllegalArgumentException("a filter of " + bytes + " bytes");
    }
    return new FgramFilter(bytes);
  }

  /** Returns the hash of an n-gram with one token more before it. */
  public static long extend(long hash, int token) {
    return (hash ^ hash >>> 32 ^ token) * 0x9e3779b97f4a7c15L;
  }

  /** Returns the hash of the {@code length} tokens from {@code offset}, given in reading order. */
  public static long hash(int[] tokens, int offset, int length) {
    long hash = NO_TOKEN;
    for (int i = offset + length - 1; i >= offset; i--) {
      hash = extend(hash, tokens[i]);
    }
    return hash;
  }

  /** Adds the n-gram of a hash. */
  public void add(long hash) {
    long mixed = mix(hash);
    int block = block(mixed);
    long bits = bits(mixed);
    for (int i = 0; i < PROBES; i++) {
      int bit = bit(bits, i);
      words[block + (bit >>> 6)] |= 1L << bit;
    }
  }

  /** Says whether the n-gram of a hash may have been added; if not, it certainly was not. */
  public boolean mayHold(long hash) {
    long mixed = mix(hash);
    int block = block(mixed);
    long bits = bits(mixed);
    for (int i = 0; i < PROBES; i++) {
      int bit = bit(bits, i);
      if ((words[block + (bit >>> 6)] & 1L << bit) == 0) {
        return false;
      }
    }
    return true;
  }

  /** Returns the bytes of the filter. */
  public long size() {
    return (long) words.length * Long.BYTES;
  }

  /**
   * Copies a part of the filter's bytes.
   *
   * @param offset the first byte, a multiple of {@value #BLOCK_BYTES}
   * @param into what is filled, from its position to its limit or the end of the filter
   */
  public void get(long offset, ByteBuffer into) {
    into.order(ByteOrder.LITTLE_ENDIAN);
    for (int word = (int) (offset / Long.BYTES); word < words.length && into.hasRemaining(); ) {
      into.putLong(words[word++]);
    }
  }

  /**
   * Sets a part of the filter's bytes.
   *
   * @param offset the first byte, a multiple of {@value #BLOCK_BYTES}
   * @param bytes whole words, no more than the filter has from there
   */
  public void put(long offset, ByteBuffer bytes) {
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    for (int word = (int) (offset / Long.BYTES); bytes.hasRemaining(); ) {
      words[word++] = bytes.getLong();
    }
  }

  private static long mix(long hash) {
    return (hash ^ hash >>> 29) * 0xbf58476d1ce4e5b9L;
  }

  private int block(long mixed) {
    return (int) (((mixed >>> 32) * blocks) >>> 32) * BLOCK_WORDS;
  }

  private static long bits(long mixed) {
    return (mixed ^ mixed >>> 32) * 0x94d049bb133111ebL;
  }

  private static int bit(long bits, int probe) {
    return (int) (bits >>> (PROBE_BITS * probe + 8)) & ((1 << PROBE_BITS) - 1);
  }
}
