package io.scone.inference;

import java.util.Arrays;
import java.util.function.Supplier;

/**
 * A prompt as the model reads it: chunk after chunk, each with its rows. The rows of the next chunk
 * are under way while the model reads the one before.
 *
 * <p>For use by one thread, the row source's; between two chunks other work may be done with the
 * source.
 */
public final class PromptChunks {
  /** Tokens of a chunk where nothing speaks for another size. */
  public static final int DEFAULT_SIZE = 256;

  private final RowSource rows;
  private final int[] tokens;
  private final int size;
  private int next;
  private Supplier<FgramRows> found;

  /** Tokens of a prompt that the model reads in one call, and their rows. */
  public static final class Chunk {
    private final int[] tokens;
    private final FgramRows rows;

    private Chunk(int[] tokens, FgramRows rows) {
      this.tokens = tokens;
      this.rows = rows;
    }

    /** Returns the tokens; the array is the caller's. */
    public int[] tokens() {
      return tokens;
    }

    /** Returns the f-grams that the tokens end, by their positions in the chunk. */
    public FgramRows rows() {
      return rows;
    }
  }

  /**
   * Begins to read a prompt; the rows of its first chunk are asked for at once.
   *
   * @param rows where rows come from; it stays the caller's
   * @param tokens the prompt, which is not copied and must not change
   * @param from how many of its tokens the model has read already
   * @param size the most tokens of a chunk
   * @throws IllegalArgumentException if the model has read it all, or a chunk has no token
   */
  public PromptChunks(RowSource rows, int[] tokens, int from, int size) {
    if (from < 0 || from >= tokens.length) {
      throw new IllegalArgumentException(from + " of " + tokens.length + " tokens are read");
    }
    if (size < 1) {
      throw new IllegalArgumentException("chunks of " + size + " tokens");
    }
    this.rows = rows;
    this.tokens = tokens;
    this.size = size;
    this.next = from;
    this.found = begin();
  }

  /** Says whether there are tokens that were not given out. */
  public boolean hasNext() {
    return next < tokens.length;
  }

  /**
   * Waits for the rows of the next chunk, and asks for those of the one after it.
   *
   * @throws MissingRowsException if its rows cannot be had; the prompt is given up then
   */
  public Chunk next() {
    Supplier<FgramRows> current = found;
    int begin = next;
    next = end();
    if (hasNext()) {
      found = begin();
    }
    return new Chunk(Arrays.copyOfRange(tokens, begin, next), current.get());
  }

  private Supplier<FgramRows> begin() {
    TokenWindow part = TokenWindow.of(tokens, next, end(), rows.context());
    return rows.begin(part, end() == tokens.length);
  }

  private int end() {
    return (int) Math.min((long) next + size, tokens.length);
  }
}
