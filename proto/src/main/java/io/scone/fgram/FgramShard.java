package io.scone.fgram;

/**
 * The rule that divides the f-grams of a table among shards: by a hash of an f-gram's last two
 * tokens.
 *
 * <p>All f-grams that end in the same two tokens share a shard. So a shard is closed under suffixes
 * as the whole is, and the longest match at a position is entirely one shard's: of all shards asked
 * for a text, at most one knows a match at a position, and it is the whole table's.
 */
public final class FgramShard {
  private FgramShard() {}

  /**
   * Returns the shard, 0 to {@code shards - 1}, of the f-grams that end in these two tokens.
   *
   * @param secondLast the token before the last
   * @param last the last token
   * @param shards how many shards there are, at least 1
   */
  public static int of(int secondLast, int last, int shards) {
    long pair = ((long) last << Integer.SIZE) | (secondLast & 0xffffffffL);
    long mixed = pair * 0x9e3779b97f4a7c15L;
    mixed = (mixed ^ (mixed >>> 32)) * 0xd6e8feb86659fd93L;
    return (int) (((mixed >>> 32) * shards) >>> 32);
  }
}
