package io.scone.table;

import java.nio.file.Path;

/** A table whose files are not what its builder wrote: rows of it cannot be trusted. */
public final class DamagedTableException extends TableException {
  private static final long serialVersionUID = 1;

  DamagedTableException(Path table, String damage) {
    this(table, damage, null);
  }

  DamagedTableException(Path table, String damage, Throwable cause) {
    super(
        "table " + table + " is damaged: " + damage + "; restore it from a copy or build it again",
        cause);
  }
}
