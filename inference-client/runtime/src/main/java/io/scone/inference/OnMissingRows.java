package io.scone.inference;

import java.util.Locale;

/** What happens to tokens whose rows cannot be had, because their server is away. */
public enum OnMissingRows {
  /** Their sequences fail. */
  FAIL,
  /** They take their own embeddings, as if no f-gram ended there, and are counted. */
  TOKEN_EMBEDDING;

  /** Returns the name used on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
