package io.scone.inference;

import java.io.IOException;

/** A long sequence of tokens that is read piece by piece. */
@FunctionalInterface
public interface TokenReader {
  /** Reads the {@code count} tokens from position {@code from} into an array. */
  void read(long from, int[] into, int offset, int count) throws IOException;
}
