package io.scone.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import io.scone.manifest.TableManifest;
import io.scone.v1.TableSelector;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The tables of a server, each in one or more versions of which at most one is active: that one
 * serves the requests for its name.
 *
 * <p>Failures are thrown, and complete futures, as the status that a caller is to see.
 *
 * <p>Safe for use by many threads. It owns its tables and closes them when it is closed.
 */
final class TableCatalog implements AutoCloseable {
  /*
   * A request takes no lock: it reads one immutable map of the active versions and counts itself
   * among the readers of the one it finds. If that version was replaced and closed between the two
   * steps, the counting fails and a second look finds its successor, which was published before.
   *
   * Changes are made under this object's lock and only touch maps. What takes time, opening a table
   * and giving one back, is done by a thread of its own each.
   */

  private static final Logger LOG = LoggerFactory.getLogger(TableCatalog.class);

  private static final long IDLE_SECONDS = 10;

  private final CatalogConfig config;
  private final RequestLimits limits;
  private final Executor loader = thread("scone-load");
  private final Executor freer = thread("scone-free");

  /**
   * Held while a table is opened, one at a time: it takes memory and the disk's whole attention.
   */
  private final Object opening = new Object();

  private final CompletableFuture<Void> serving = new CompletableFuture<>();
  private final Map<String, TableVersions> tables = new LinkedHashMap<>();

  /** The active versions by name in the order in which the names came; replaced, never changed. */
  private volatile Map<String, ServedTable> active = Map.of();

  /** Whether all rows of all active versions are in memory. */
  private volatile boolean resident;

  private boolean closed;

  /**
   * A change of the version that a name serves.
   *
   * @param active the version active now
   * @param previousVersion the version active before, or an empty text
   */
  record Switch(TableStatus active, String previousVersion) {}

  TableCatalog(CatalogConfig config, RequestLimits limits) {
    this.config = config;
    this.limits = limits;
  }

  /** Completes once a table is active, which stays so until the catalog is closed. */
  CompletableFuture<Void> serving() {
    return serving;
  }

  /** Returns the active versions; the first is the default table. */
  List<ServedTable> active() {
    return List.copyOf(active.values());
  }

  /** Says whether all rows that a request can ask for are in memory. */
  boolean isResident() {
    return resident;
  }

  /**
   * Returns a hold on the version that serves a request, to be closed once its reply is written.
   *
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is none, or not the version that the
   *     request names, FAILED_PRECONDITION if it is of another model than the request expects
   */
  TableLease acquire(TableSelector selector) {
    while (true) {
      TableLease lease = TableLease.of(select(selector));
      if (lease != null) {
        return lease;
      }
      Thread.onSpinWait(); // replaced and closed since it was selected
    }
  }

  private ServedTable select(TableSelector selector) {
    ServedTable table = activeOf(selector.getTable());
    String version = selector.getVersion();
    if (!version.isEmpty() && !version.equals(table.version().getVersion())) {
      table = loaded(table.name(), version);
    }
    String expected = selector.getModelFingerprint();
    String actual = table.version().getModelFingerprint();
    if (!expected.isEmpty() && !expected.equals(actual)) {
      throw Failures.otherModel(table.name(), expected, actual);
    }
    return table;
  }

  /** Returns a version that is not active any more, or not yet: seldom, and so with the lock. */
  private synchronized ServedTable loaded(String name, String version) {
    return find(versionsOf(name), version);
  }

  private ServedTable activeOf(String name) {
    Map<String, ServedTable> snapshot = active;
    if (name.isEmpty() && !snapshot.isEmpty()) {
      return snapshot.values().iterator().next();
    }
    ServedTable table = snapshot.get(name);
    if (table == null) {
      throw Failures.unknownTable(name, snapshot.keySet());
    }
    return table;
  }

  /** Describes every version: the active ones first, then the others, by name. */
  synchronized List<TableStatus> list() {
    return all().stream().map(this::status).toList();
  }

  /** Returns every version: the active ones first, then the others, by name. */
  synchronized List<ServedTable> all() {
    List<ServedTable> all = new ArrayList<>(active.values());
    tables.values().stream()
        .sorted(Comparator.comparing(TableVersions::name))
        .flatMap(versions -> versions.all().stream().filter(table -> table != versions.active()))
        .forEach(all::add);
    return all;
  }

  /**
   * Describes one version.
   *
   * @param name the table's name; empty for the default table
   * @param version the version; empty for the active one
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is none
   */
  synchronized TableStatus describe(String name, String version) {
    if (version.isEmpty()) {
      return status(activeOf(name));
    }
    TableVersions versions = versionsOf(name.isEmpty() ? activeOf(name).name() : name);
    return versions.all().stream()
        .filter(table -> table.version().getVersion().equals(version))
        .findFirst()
        .map(this::status)
        .orElseThrow(() -> Failures.unknownVersion(name, version, versions.known()));
  }

  /**
   * Opens a table under a name, unless that version is loaded already, and makes it active.
   *
   * @throws IOException if it cannot be opened; the message is one sentence
   */
  void serve(String name, Path directory) throws IOException {
    String version = TableManifest.read(directory).contentFingerprint();
    synchronized (opening) {
      if (!isOpen(name, version)) {
        open(name, directory);
      }
      activate(name, version);
    }
  }

  /**
   * Opens a table under a name, off the caller's thread and after those asked for before. It is not
   * active yet.
   *
   * @return the status of the loaded version; ALREADY_EXISTS if it is loaded already under that
   *     name, FAILED_PRECONDITION if it cannot be opened, with the reason
   */
  CompletableFuture<TableStatus> load(String name, Path directory) {
    return CompletableFuture.supplyAsync(() -> loadNow(name, directory), loader);
  }

  private TableStatus loadNow(String name, Path directory) {
    try {
      String version = TableManifest.read(directory).contentFingerprint();
      synchronized (opening) {
        if (isOpen(name, version)) {
          throw Failures.alreadyLoaded(name, version);
        }
        return open(name, directory);
      }
    } catch (IOException e) {
      throw Failures.cannotOpen(name, e);
    }
  }

  private synchronized boolean isOpen(String name, String version) {
    TableVersions versions = tables.get(name);
    return versions != null && versions.find(version) != null;
  }

  private TableStatus open(String name, Path directory) throws IOException {
    ServedTable table = TableLoader.open(name, directory, config.residency(name), limits);
    synchronized (this) {
      if (closed) {
        table.table().close();
        throw new IOException("table '" + name + "' is not loaded: the server is stopping");
      }
      tables.computeIfAbsent(name, n -> new TableVersions(n, config.backups())).add(table);
      LOG.info("loaded {} from {}", nameOf(table), directory);
      return status(table);
    }
  }

  /**
   * Makes a loaded version the one that its name serves. The version that it replaces stays open as
   * a backup; backups over the configured number are unloaded.
   *
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if the version is not loaded
   */
  synchronized Switch activate(String name, String version) {
    TableVersions versions = versionsOf(name);
    return activate(versions, find(versions, version));
  }

  /**
   * Makes the version that was active before the active one the active one again.
   *
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if there is no such table, FAILED_PRECONDITION
   *     if none of its earlier versions is kept
   */
  synchronized Switch rollBack(String name) {
    TableVersions versions = versionsOf(name);
    if (versions.previous() == null) {
      throw Failures.nothingToRollBackTo(name);
    }
    return activate(versions, versions.previous());
  }

  private Switch activate(TableVersions versions, ServedTable table) {
    ServedTable before = versions.active();
    List<ServedTable> retired = versions.activate(table);
    Map<String, ServedTable> next = new LinkedHashMap<>(active);
    next.put(table.name(), table);
    resident = next.values().stream().allMatch(each -> each.table().isResident());
    active = next; // published before any version is closed: a request that loses one finds another
    if (table != before) {
      LOG.info("activated {}", nameOf(table));
    }
    for (ServedTable old : retired) {
      CompletableFuture<Void> unused = close(versions, old);
    }
    serving.complete(null);
    return new Switch(status(table), before == null ? "" : before.version().getVersion());
  }

  /**
   * Closes a version that is not active.
   *
   * @return completes once its last reader is done and its files and memory are given back
   * @throws io.grpc.StatusRuntimeException NOT_FOUND if the version is not loaded,
   *     FAILED_PRECONDITION if it is active
   */
  synchronized CompletableFuture<Void> unload(String name, String version) {
    TableVersions versions = versionsOf(name);
    ServedTable table = find(versions, version);
    if (table == versions.active()) {
      throw Failures.active(name, version);
    }
    versions.drain(table);
    return close(versions, table);
  }

  private CompletableFuture<Void> close(TableVersions versions, ServedTable table) {
    LOG.info("unloading {}", nameOf(table));
    return table.table().close(freer).thenRun(() -> forget(versions, table));
  }

  private synchronized void forget(TableVersions versions, ServedTable table) {
    versions.freed(table);
    if (versions.isEmpty()) {
      tables.remove(versions.name());
    }
    LOG.info("unloaded {}", nameOf(table));
  }

  /** Closes every version; requests must have ended. */
  @Override
  public void close() {
    List<ServedTable> all;
    synchronized (this) {
      closed = true;
      active = Map.of();
      all = tables.values().stream().flatMap(versions -> versions.all().stream()).toList();
      tables.clear();
    }
    all.forEach(table -> table.table().close());
  }

  /** Describes a version that {@link #all} returned. */
  synchronized TableStatus status(ServedTable table) {
    return TableStatus.newBuilder()
        .setInfo(table.info())
        .setState(tables.get(table.name()).state(table))
        .setDirectory(table.table().directory().toString())
        .build();
  }

  private TableVersions versionsOf(String name) {
    TableVersions versions = tables.get(name);
    if (versions == null) {
      throw Failures.unknownTable(name, tables.keySet());
    }
    return versions;
  }

  private static ServedTable find(TableVersions versions, String version) {
    ServedTable table = versions.find(version);
    if (table == null) {
      throw Failures.unknownVersion(versions.name(), version, versions.known());
    }
    return table;
  }

  private static String nameOf(ServedTable table) {
    return "table '" + table.name() + "' " + table.version().getVersion();
  }

  /** Returns a thread that ends when it has had nothing to do for a while. */
  private static Executor thread(String name) {
    ThreadPoolExecutor thread =
        new ThreadPoolExecutor(
            1,
            1,
            IDLE_SECONDS,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new DefaultThreadFactory(name, true));
    thread.allowCoreThreadTimeOut(true);
    return thread;
  }
}
