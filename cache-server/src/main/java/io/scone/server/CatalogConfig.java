package io.scone.server;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * How a server keeps its tables.
 *
 * @param backups replaced versions of a table that stay loaded, so that it can be rolled back to
 *     them at once; at least 0
 * @param watch the directory whose tables are loaded as they appear, {@code NAME/VERSION/}
 * @param watchInterval how often the watched directory is read even where no change is noticed
 */
public record CatalogConfig(int backups, Optional<Path> watch, Duration watchInterval) {
  /**
   * Checks the configuration.
   *
   * @throws IllegalArgumentException if a value is out of bounds
   */
  public CatalogConfig {
    if (backups < 0) {
      throw new IllegalArgumentException("table backups are " + backups + ", fewer than 0");
    }
    if (watchInterval.toMillis() < 1) {
      throw new IllegalArgumentException("watch interval is " + watchInterval + ", less than 1 ms");
    }
  }

  /** Returns the configuration that keeps one backup and watches nothing. */
  public static CatalogConfig defaults() {
    return new CatalogConfig(1, Optional.empty(), Duration.ofSeconds(10));
  }
}
