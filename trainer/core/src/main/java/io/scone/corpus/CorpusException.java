package io.scone.corpus;

import java.io.IOException;

/** A corpus that is missing, empty or damaged; the message is one sentence. */
public final class CorpusException extends IOException {
  private static final long serialVersionUID = 1;

  CorpusException(String message) {
    super(message);
  }

  CorpusException(String message, Throwable cause) {
    super(message, cause);
  }
}
