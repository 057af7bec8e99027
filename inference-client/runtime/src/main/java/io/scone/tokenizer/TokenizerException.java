package io.scone.tokenizer;

import java.io.IOException;

/** A tokenizer that is missing, malformed or unsuitable; the message is one sentence. */
public final class TokenizerException extends IOException {
  private static final long serialVersionUID = 1;

  TokenizerException(String message) {
    super(message);
  }

  TokenizerException(String message, Throwable cause) {
    super(message, cause);
  }
}
