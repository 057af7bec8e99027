package io.scone.fgram;

import java.util.Arrays;

/**
 * The key of an f-gram in a table: its tokens, last token first, each as 4 bytes big-endian.
 *
 * <p>In unsigned byte order all f-grams that end in the same token stand together, and every f-gram
 * stands after its own suffixes. A row's ordinal is its key's place in that order.
 */
public final class FgramKey {
  /** Bytes that one token takes in a key. */
  public static final int TOKEN_BYTES = Integer.BYTES;

  /** The fewest tokens in an f-gram: a single token has its embedding in the main model. */
  public static final int MIN_TOKENS = 2;

  /** The most tokens that any table may allow in an f-gram. */
  public static final int MAX_TOKENS = 255;

  private FgramKey() {}

  /** Returns the key of the {@code length} tokens from {@code offset}, given in reading order. */
  public static byte[] encode(int[] tokens, int offset, int length) {
    byte[] key = new byte[length * TOKEN_BYTES];
    encode(tokens, offset, length, key);
    return key;
  }

  /** Returns the key of an f-gram given in reading order. */
  public static byte[] encode(int... tokens) {
    return encode(tokens, 0, tokens.length);
  }

  /**
   * Writes the key of the {@code length} tokens from {@code offset} to the start of {@code key}.
   *
   * @return the bytes written, {@code length * TOKEN_BYTES}
   */
  public static int encode(int[] tokens, int offset, int length, byte[] key) {
    int at = 0;
    for (int i = offset + length - 1; i >= offset; i--) {
      int token = tokens[i];
      key[at++] = (byte) (token >>> 24);
      key[at++] = (byte) (token >>> 16);
      key[at++] = (byte) (token >>> 8);
      key[at++] = (byte) token;
    }
    return at;
  }

  /**
   * Returns the tokens of a key in reading order.
   *
   * @throws IllegalArgumentException if the bytes are not a whole number of tokens, 2 to 255
   */
  public static int[] decode(byte[] key) {
    int length = key.length / TOKEN_BYTES;
    if (key.length % TOKEN_BYTES != 0 || length < MIN_TOKENS || length > MAX_TOKENS) {
      throw new IllegalArgumentException("a key of " + key.length + " bytes is not an f-gram's");
    }
    int[] tokens = new int[length];
    for (int i = 0; i < length; i++) {
      int at = (length - 1 - i) * TOKEN_BYTES;
      tokens[i] =
          (key[at] & 0xff) << 24
              | (key[at + 1] & 0xff) << 16
              | (key[at + 2] & 0xff) << 8
              | (key[at + 3] & 0xff);
    }
    return tokens;
  }

  /** Compares two keys in table order: unsigned bytes, a key after its own prefixes. */
  public static int compare(byte[] left, byte[] right) {
    return Arrays.compareUnsigned(left, right);
  }
}
