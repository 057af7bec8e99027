package io.scone.cli;

import io.scone.server.CatalogConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Help.Visibility;
import picocli.CommandLine.Option;

/** How a server keeps its tables; a mixin. */
final class CatalogOptions {
  private static final CatalogConfig DEFAULTS = CatalogConfig.defaults();

  @Option(
      names = "--table-backups",
      paramLabel = "N",
      description = "How many replaced versions of a table stay loaded, to roll back to.")
  private int backups = DEFAULTS.backups();

  @Option(
      names = "--watch",
      paramLabel = "DIR",
      description =
          "Serve the tables of this directory as they appear: DIR/NAME/VERSION/, the last version"
              + " in natural order or the one that the file DIR/NAME/CURRENT names.")
  private Path watch;

  @Option(
      names = "--watch-interval",
      paramLabel = "TIME",
      description = "How often the watched directory is read where no change is noticed.")
  private TimeSpan watchInterval = new TimeSpan(DEFAULTS.watchInterval());

  @Option(
      names = "--residency",
      paramLabel = "[NAME=]disk|ram|SIZE",
      showDefaultValue = Visibility.NEVER,
      split = ",",
      description =
          "Where rows are held: on disk, all in memory, or in memory as many of the most frequent"
              + " f-grams' as fit into SIZE; for every table, or for the one named. On disk if it is"
              + " not given. May be given several times.")
  private List<TableResidency> residencies = List.of();

  CatalogConfig config() {
    return new CatalogConfig(
        backups,
        Optional.ofNullable(watch),
        watchInterval.duration(),
        TableResidency.byTable(residencies));
  }
}
