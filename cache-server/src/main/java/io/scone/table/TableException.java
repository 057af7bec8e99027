package io.scone.table;

import java.io.IOException;

/** A table that cannot be built, opened or read; the message is one sentence that names it. */
public class TableException extends IOException {
  private static final long serialVersionUID = 1;

  TableException(String message) {
    super(message);
  }

  TableException(String message, Throwable cause) {
    super(message, cause);
  }
}
