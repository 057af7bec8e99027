package io.scone.table;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.manifest.ManifestException;
import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.TableProperties;

/**
 * An open table: its f-grams in memory, its rows on disk.
 *
 * <p>Nothing in its directory is written. Opening reads all of it once and checks every block.
 *
 * <p>Safe for use by many threads. Rows are read through a {@link #reader}; the files stay open
 * until the table is closed and its last reader, too.
 */
public final class Table implements AutoCloseable {
  /*
   * A native call on a closed RocksDB ends the process with a segmentation fault, so every use of
   * the handles stands between acquire() and release(), and only the last release closes them. The
   * users are counted in one atomic number whose sign says that the table is closed: acquiring costs
   * a compare-and-set, and loses to a close that came first.
   */

  /** The directory of RocksDB's files in a table. */
  static final String ROWS = "rows";

  /** The sign of {@link #users}: set once the table is closed. */
  private static final int CLOSED = Integer.MIN_VALUE;

  /** The most f-grams that the index in memory has room for: 3/4 of 2^30 slots. */
  private static final long MAX_ROWS = 3L << 28;

  private final Path directory;
  private final TableManifest manifest;
  private final RowStore store = new RowStore();
  private final ReadOptions readOptions = new ReadOptions();
  private RocksDB db;
  private ColumnFamilyHandle family;
  private FgramIndex index;
  private final AtomicInteger users = new AtomicInteger(1); // the table itself, until it is closed
  private final CompletableFuture<Void> freed = new CompletableFuture<>();
  private volatile Executor freeing = Runnable::run;

  private Table(Path directory, TableManifest manifest) {
    this.directory = directory;
    this.manifest = manifest;
  }

  /**
   * Opens a table.
   *
   * @throws ManifestException if the directory is not a complete table of a format known here
   * @throws DamagedTableException if its files are not what its builder wrote
   * @throws TableException if its files cannot be read
   */
  public static Table open(Path directory) throws IOException {
    Table table = new Table(directory, TableManifest.read(directory));
    try {
      table.openRows();
      table.index = table.readIndex();
      return table;
    } catch (IOException | RuntimeException e) {
      table.close();
      throw e;
    }
  }

  /** Returns the directory it was opened from. */
  public Path directory() {
    return directory;
  }

  /** Returns what the table holds and what made it. */
  public TableManifest manifest() {
    return manifest;
  }

  /** Returns the f-grams; it stays usable when the table is closed. */
  public FgramIndex index() {
    return index;
  }

  /**
   * Returns a new reader of rows, to be closed by the caller.
   *
   * @throws IllegalStateException if the table is closed
   */
  public TableReader reader() {
    acquire();
    return new TableReader(this);
  }

  /** Returns a new reader of rows, to be closed by the caller, or null if the table is closed. */
  public TableReader tryReader() {
    return tryAcquire() ? new TableReader(this) : null;
  }

  /**
   * Returns the first f-grams in key order, each in reading order.
   *
   * @param limit the most to return
   */
  public List<int[]> firstFgrams(int limit) throws IOException {
    acquire();
    try (RocksIterator rows = db.newIterator(readOptions)) {
      List<int[]> fgrams = new ArrayList<>();
      for (rows.seekToFirst(); rows.isValid() && fgrams.size() < limit; rows.next()) {
        fgrams.add(FgramKey.decode(rows.key()));
      }
      rows.status();
      return fgrams;
    } catch (RocksDBException e) {
      throw unreadable(e);
    } finally {
      release();
    }
  }

  /**
   * Reads every row and compares the content fingerprint with the manifest's.
   *
   * @throws DamagedTableException if they differ
   */
  public void verify() throws IOException {
    TableContent content =
        new TableContent(manifest.vocabularySize(), manifest.maxNgram(), manifest.rowBytes());
    scan(content);
    String fingerprint = content.fingerprint();
    if (!fingerprint.equals(manifest.contentFingerprint())) {
      throw new DamagedTableException(
          directory,
          "its content is "
              + fingerprint
              + " and its manifest says "
              + manifest.contentFingerprint());
    }
  }

  /** Closes the table: no reader can be made any more, and the last open one closes its files. */
  @Override
  public void close() {
    CompletableFuture<Void> unused = close(Runnable::run);
  }

  /**
   * Closes the table, and has the executor do what remains once its last reader is closed: to give
   * back a large table's files and memory takes a while, in which its last reader need not wait.
   *
   * @return completes when files and memory are given back; that of the first call counts
   */
  public CompletableFuture<Void> close(Executor executor) {
    if (users.get() >= 0) {
      freeing = executor;
      if (users.getAndUpdate(count -> count | CLOSED) >= 0) {
        release();
      }
    }
    return freed;
  }

  /** Reads the row of a key into {@code row} from {@code offset}. */
  void read(byte[] key, int keyLength, byte[] row, int offset) throws TableException {
    int rowBytes = manifest.rowBytes();
    int size;
    try {
      size = db.get(family, readOptions, key, 0, keyLength, row, offset, rowBytes);
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    if (size != rowBytes) {
      throw new DamagedTableException(
          directory,
          size == RocksDB.NOT_FOUND
              ? "it misses a row"
              : "a row of " + size + " bytes where rows take " + rowBytes);
    }
  }

  void release() {
    if (users.decrementAndGet() == CLOSED) {
      freeing.execute(this::free);
    }
  }

  private void acquire() {
    if (!tryAcquire()) {
      throw new IllegalStateException("table " + directory + " is closed");
    }
  }

  private boolean tryAcquire() {
    for (int count = users.get(); count >= 0; count = users.get()) {
      if (users.compareAndSet(count, count + 1)) {
        return true;
      }
    }
    return false;
  }

  private void free() {
    if (db != null) {
      db.close();
    }
    readOptions.close();
    store.close();
    freed.complete(null);
  }

  private void openRows() throws IOException {
    try {
      db = RocksDB.openReadOnly(store.options(), directory.resolve(ROWS).toString());
      family = db.getDefaultColumnFamily();
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
  }

  private FgramIndex readIndex() throws IOException {
    long entries = countEntries();
    if (entries != manifest.rowCount()) {
      throw new DamagedTableException(
          directory,
          "its files hold " + entries + " rows and its manifest says " + manifest.rowCount());
    }
    if (entries > MAX_ROWS) {
      throw new TableException(
          "table " + directory + " has " + entries + " rows; one server can hold " + MAX_ROWS);
    }
    FgramIndex.Builder builder =
        FgramIndex.builder(manifest.vocabularySize(), manifest.maxNgram(), (int) entries);
    long[] countsByLength = new long[manifest.maxNgram() - 1];
    scan(
        (key, row) -> {
          int[] tokens = FgramKey.decode(key);
          builder.add(tokens);
          countsByLength[tokens.length - FgramKey.MIN_TOKENS]++;
        });
    List<Long> counts = Arrays.stream(countsByLength).boxed().toList();
    if (!counts.equals(manifest.rowCountsByLength())) {
      throw new DamagedTableException(
          directory,
          "its f-grams by length are "
              + counts
              + " and its manifest says "
              + manifest.rowCountsByLength());
    }
    return builder.build();
  }

  private long countEntries() throws IOException {
    try {
      return db.getPropertiesOfAllTables().values().stream()
          .mapToLong(TableProperties::getNumEntries)
          .sum();
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
  }

  private void scan(RowVisitor visitor) throws IOException {
    acquire();
    try (ReadOptions whole = new ReadOptions().setReadaheadSize(2 << 20);
        RocksIterator rows = db.newIterator(whole)) {
      RowStore.scan(rows, manifest.rowBytes(), visitor);
    } catch (RocksDBException e) {
      throw unreadable(e);
    } catch (IllegalArgumentException e) {
      throw new DamagedTableException(directory, e.getMessage(), e);
    } finally {
      release();
    }
  }

  /**
   * Returns what a failure of RocksDB means: damage, unless the system refused to open a file.
   * RocksDB calls both corruption, so that only the message tells them apart.
   */
  private TableException unreadable(RocksDBException e) {
    String message = e.getMessage();
    boolean refused =
        message.contains("Permission denied") || message.contains("Too many open files");
    return refused
        ? new TableException("table " + directory + " cannot be read: " + message, e)
        : new DamagedTableException(directory, message, e);
  }
}
