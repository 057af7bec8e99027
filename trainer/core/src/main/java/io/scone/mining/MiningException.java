package io.scone.mining;

import java.io.IOException;

/** Mining that cannot go on, or an f-gram file that is missing or damaged; one sentence. */
public final class MiningException extends IOException {
  private static final long serialVersionUID = 1;

  MiningException(String message) {
    super(message);
  }

  MiningException(String message, Throwable cause) {
    super(message, cause);
  }
}
