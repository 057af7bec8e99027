package io.scone.corpus;

import java.io.IOException;

/** A corpus that is missing, empty or damaged; the message is one sentence. */
public final class CorpusException extends IOException {
  private static final long serialVersionUID = 1;

  /** Returns the exception of a corpus without documents. */
  public static CorpusException empty() {
    return new CorpusException("the corpus is empty: there is no document with any text in it");
  }

  CorpusException(String message) {
    super(message);
  }

  CorpusException(String message, Throwable cause) {
    super(message, cause);
  }
}
