package io.scone.server;

import io.scone.table.Residency;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How a server keeps its tables.
 *
 * @param backups replaced versions of a table that stay loaded, so that it can be rolled back to
 *     them at once; at least 0
 * @param watch the directory whose tables are loaded as they appear, {@code NAME/VERSION/}
 * @param watchInterval how often the watched directory is read even where no change is noticed
 * @param residencies how many rows of a table are held in memory, by the table's name; {@link
 *     #OTHER_TABLES} stands for the tables not named, whose rows stay on disk if it is missing
 */
public record CatalogConfig(
    int backups, Optional<Path> watch, Duration watchInterval, Map<String, Residency> residencies) {
  /** The key of the residency of all tables that have none of their own. */
  public static final String OTHER_TABLES = "";

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
    residencies = Map.copyOf(residencies);
  }

  /** Returns how many rows of a table are held in memory. */
  public Residency residency(String table) {
    Residency others = residencies.getOrDefault(OTHER_TABLES, Residency.disk());
    return residencies.getOrDefault(table, others);
  }

  /** Returns the configuration that keeps one backup, watches nothing and leaves rows on disk. */
  public static CatalogConfig defaults() {
    return new CatalogConfig(1, Optional.empty(), Duration.ofSeconds(10), Map.of());
  }
}
