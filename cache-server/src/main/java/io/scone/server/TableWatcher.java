package io.scone.server;

import io.grpc.StatusRuntimeException;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A thread that keeps a catalog as a directory is: {@code NAME/VERSION/} is a version of table
 * NAME, complete once it has a manifest. See {@link WatchedTable} for which version serves. A
 * version that has gone is unloaded, unless it is active.
 */
final class TableWatcher implements AutoCloseable {
  /*
   * Changes are noticed through the file system's events where it has them, and by reading the
   * directory every so often, for network file systems and overlays tell nothing of what others do.
   * An event says only that it is time to read.
   */

  private static final Logger LOG = LoggerFactory.getLogger(TableWatcher.class);

  private final Path directory;
  private final Duration interval;
  private final TableCatalog catalog;
  private final WatchService events;
  private final Map<String, WatchedTable> tables = new TreeMap<>(WatchedTable.ORDER);
  private final Set<String> complaints = new HashSet<>();
  private final Thread thread = new Thread(this::run, "scone-watch");
  private volatile boolean closed;

  /**
   * Makes a watcher that does not run yet.
   *
   * @throws IOException if the directory is none, or cannot be watched
   */
  TableWatcher(Path directory, Duration interval, TableCatalog catalog) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new IOException("there is no directory " + directory + " to watch");
    }
    this.directory = directory.toAbsolutePath().normalize();
    this.interval = interval;
    this.catalog = catalog;
    this.events = FileSystems.getDefault().newWatchService();
    thread.setDaemon(true);
  }

  /** Reads the directory once, in the caller's thread. */
  void read() {
    try {
      listen(directory);
      tableNames().forEach(this::update);
    } catch (IOException | UncheckedIOException e) {
      complain("the watched directory " + directory + " cannot be read: " + e.getMessage());
    }
    unloadWhatHasGone();
  }

  private void update(String name) {
    Path table = directory.resolve(name);
    try {
      listen(table);
      if (WatchedTable.isComplete(table)) {
        complain(table + " is a table itself; a watched directory holds NAME/VERSION/ for each");
      }
      tables.computeIfAbsent(name, n -> new WatchedTable(n, table)).update(catalog);
    } catch (IOException | UncheckedIOException e) {
      complain("the watched directory " + table + " cannot be read: " + e.getMessage());
    }
  }

  /** Begins to watch. */
  void start() {
    thread.start();
  }

  /** Stops; a version that is being loaded is finished first. */
  @Override
  public void close() {
    closed = true;
    try {
      events.close();
    } catch (IOException e) {
      LOG.warn("the watch of {} does not end in order: {}", directory, e.getMessage());
    }
  }

  private void run() {
    while (!closed) {
      try {
        WatchKey key = events.poll(interval.toMillis(), TimeUnit.MILLISECONDS);
        for (; key != null; key = events.poll()) {
          key.pollEvents();
          key.reset();
        }
        read();
      } catch (InterruptedException | ClosedWatchServiceException e) {
        return; // closed
      } catch (RuntimeException e) {
        LOG.error("the watched directory {} could not be followed", directory, e);
      }
    }
  }

  private void listen(Path watched) throws IOException {
    var unused =
        watched.register(
            events,
            StandardWatchEventKinds.ENTRY_CREATE,
            StandardWatchEventKinds.ENTRY_DELETE,
            StandardWatchEventKinds.ENTRY_MODIFY);
  }

  /** Returns the names of the tables in their natural order. */
  private List<String> tableNames() throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries
          .filter(Files::isDirectory)
          .map(entry -> entry.getFileName().toString())
          .filter(name -> !name.startsWith("."))
          .filter(this::isName)
          .sorted(WatchedTable.ORDER)
          .toList();
    }
  }

  private boolean isName(String name) {
    if (!ServedTable.isName(name)) {
      complain("'" + name + "' in " + directory + " is not watched: it is no name of a table");
      return false;
    }
    return true;
  }

  private void unloadWhatHasGone() {
    for (TableStatus table : catalog.list()) {
      Path version = Path.of(table.getDirectory());
      if (table.getState() == TableState.TABLE_STATE_LOADED
          && version.startsWith(directory)
          && !WatchedTable.isComplete(version)) {
        try {
          CompletableFuture<Void> unused =
              catalog.unload(
                  table.getInfo().getVersion().getTable(),
                  table.getInfo().getVersion().getVersion());
        } catch (StatusRuntimeException e) {
          LOG.debug("{} was activated or unloaded meanwhile", version);
        }
      }
    }
  }

  /** Logs a complaint the first time it is made. */
  private void complain(String sentence) {
    if (complaints.add(sentence)) {
      LOG.warn("{}", sentence);
    }
  }
}
