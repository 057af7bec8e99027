package io.scone.manifest;

import java.io.IOException;

/** A manifest that is missing, malformed or of another format; the message is one sentence. */
public final class ManifestException extends IOException {
  private static final long serialVersionUID = 1;

  ManifestException(String message) {
    super(message);
  }

  ManifestException(String message, Throwable cause) {
    super(message, cause);
  }
}
