package io.scone.table;

import io.scone.fgram.FgramIndex;
import io.scone.fgram.FgramKey;
import io.scone.manifest.ManifestException;
import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * An open table: its f-grams in memory, its rows on disk or, as far as wanted, in memory, too.
 *
 * <p>Nothing in its directory is written. Opening reads all its files once and checks them; every
 * row that is read from the disk later is checked again.
 *
 * <p>Safe for use by many threads. Rows are read through a {@link #reader}; the files stay open and
 * the memory is kept until the table is closed and its last reader, too.
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

  /** The most f-grams that the index in memory has room for: 3/4 of 2^29 slots. */
  private static final long MAX_ROWS = 3L << 27;

  private final Path directory;
  private final TableManifest manifest;
  private final RowStore store;
  private final FgramIndex index;
  private final RowMatrix matrix;
  private final AtomicInteger users = new AtomicInteger(1); // the table itself, until it is closed
  private final CompletableFuture<Void> freed = new CompletableFuture<>();
  private volatile Executor freeing = Runnable::run;

  private Table(Path directory, Residency residency) throws IOException {
    this.directory = directory;
    this.manifest = TableManifest.read(directory);
    if (manifest.rowCount() > MAX_ROWS) {
      throw new TableException(
          "table %s has %,d rows; one server can hold %,d"
              .formatted(directory, manifest.rowCount(), MAX_ROWS));
    }
    int held = (int) Math.min(manifest.rowCount(), residency.maxBytes() / manifest.rowBytes());
    boolean some = held > 0 && held < manifest.rowCount();
    long[] counts = some ? new long[(int) manifest.rowCount()] : null;
    Optional<String> damage = FileChecksums.damage(directory);
    if (damage.isPresent()) {
      throw new DamagedTableException(directory, damage.get());
    }
    this.index = readIndex(counts);
    this.store = openRows();
    try {
      this.matrix = held == 0 ? null : load(held, counts);
    } catch (IOException | RuntimeException e) {
      store.close();
      throw e;
    }
  }

  /** Opens a table whose rows stay on disk; see {@link #open(Path, Residency)}. */
  public static Table open(Path directory) throws IOException {
    return open(directory, Residency.disk());
  }

  /**
   * Opens a table.
   *
   * @param residency how many of its rows to take into memory
   * @throws ManifestException if the directory is not a complete table of a format known here
   * @throws DamagedTableException if its files are not what its builder wrote
   * @throws TableException if its files cannot be read, or there is not enough memory for its rows
   */
  public static Table open(Path directory, Residency residency) throws IOException {
    return new Table(directory, residency);
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

  /** Returns the bytes of the rows held in memory. */
  public long residentBytes() {
    return matrix == null ? 0 : matrix.bytes();
  }

  /** Returns the rows held in memory. */
  public long residentRows() {
    return residentBytes() / manifest.rowBytes();
  }

  /** Says whether all rows are held in memory. */
  public boolean isResident() {
    return residentRows() == manifest.rowCount();
  }

  /**
   * Returns a new reader of rows, to be closed by the caller.
   *
   * @throws IllegalStateException if the table is closed
   */
  public TableReader reader() {
    acquire();
    return new TableReader(this, matrix);
  }

  /** Returns a new reader of rows, to be closed by the caller, or null if the table is closed. */
  public TableReader tryReader() {
    return tryAcquire() ? new TableReader(this, matrix) : null;
  }

  /**
   * Returns the first f-grams in key order, each in reading order.
   *
   * @param limit the most to return
   */
  public List<int[]> firstFgrams(int limit) throws IOException {
    try (IndexReader fgrams = indexReader()) {
      List<int[]> first = new ArrayList<>();
      while (first.size() < limit && fgrams.next()) {
        first.add(fgrams.tokens());
      }
      return first;
    }
  }

  /** Reads every f-gram from the disk and shows it to the visitor, in key order. */
  public void scanFgrams(FgramVisitor visitor) throws IOException {
    try (IndexReader fgrams = indexReader()) {
      while (fgrams.next()) {
        visitor.visit(fgrams.tokens(), fgrams.count());
      }
    }
  }

  /**
   * Reads every row from the disk and shows it to the visitor, in key order.
   *
   * @throws DamagedTableException if a row is missing or not what the builder wrote
   * @throws IllegalStateException if the table is closed
   */
  public void scan(RowVisitor visitor) throws IOException {
    acquire();
    try (IndexReader fgrams = indexReader()) {
      StoredRow row = new StoredRow(manifest.rowBytes());
      ByteBuffer bytes = ByteBuffer.wrap(row.bytes());
      while (fgrams.next()) {
        byte[] key = FgramKey.encode(fgrams.tokens());
        read(key, key.length, row);
        visitor.visit(key, fgrams.count(), bytes.clear().limit(manifest.rowBytes()));
      }
    } finally {
      release();
    }
  }

  /**
   * Reads every row and compares the fingerprint of them all with the manifest's. The files were
   * compared with their checksums when the table was opened.
   *
   * @throws DamagedTableException if it differs
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

  /** Reads the row of a key from the disk. */
  void read(byte[] key, int keyLength, StoredRow row) throws TableException {
    int size;
    try {
      size = store.get(key, keyLength, row.bytes());
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    if (size == RocksDB.NOT_FOUND) {
      throw new DamagedTableException(directory, "it misses a row");
    }
    if (size != row.bytes().length || !row.isIntact(key, keyLength)) {
      throw new DamagedTableException(
          directory,
          "the row of f-gram "
              + Arrays.toString(FgramKey.decode(Arrays.copyOf(key, keyLength)))
              + " is not what was written");
    }
  }

  /** Returns one more reader while another is open. */
  TableReader anotherReader() {
    users.incrementAndGet();
    return new TableReader(this, matrix);
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
    store.close();
    if (matrix != null) {
      matrix.close();
    }
    freed.complete(null);
  }

  private RowStore openRows() throws IOException {
    RowStore rows;
    try {
      rows = RowStore.openForReading(directory.resolve(ROWS), manifest.maxNgram());
    } catch (RocksDBException e) {
      throw unreadable(e);
    }
    try {
      long entries = rows.rowCount();
      if (entries != manifest.rowCount()) {
        throw new DamagedTableException(
            directory,
            "its files hold " + entries + " rows and its manifest says " + manifest.rowCount());
      }
      return rows;
    } catch (RocksDBException e) {
      rows.close();
      throw unreadable(e);
    } catch (IOException | RuntimeException e) {
      rows.close();
      throw e;
    }
  }

  private IndexReader indexReader() throws IOException {
    return new IndexReader(
        directory.resolve(IndexFile.NAME), manifest.vocabularySize(), manifest.maxNgram());
  }

  /**
   * Reads the f-grams.
   *
   * @param counts where their counts go, or null
   */
  private FgramIndex readIndex(long[] counts) throws IOException {
    FgramIndex.Builder builder =
        FgramIndex.builder(
            manifest.vocabularySize(), manifest.maxNgram(), (int) manifest.rowCount());
    long[] countsByLength = new long[manifest.maxNgram() - 1];
    try (IndexReader fgrams = indexReader()) {
      for (int ordinal = 0; fgrams.next(); ordinal++) {
        builder.add(fgrams.tokens());
        countsByLength[fgrams.length() - FgramKey.MIN_TOKENS]++;
        if (counts != null && ordinal < counts.length) {
          counts[ordinal] = fgrams.count();
        }
      }
    }
    List<Long> byLength = Arrays.stream(countsByLength).boxed().toList();
    if (!byLength.equals(manifest.rowCountsByLength())) {
      throw new DamagedTableException(
          directory,
          "its f-grams by length are "
              + byLength
              + " and its manifest says "
              + manifest.rowCountsByLength());
    }
    return builder.build();
  }

  /** Reads rows into memory: all, or those with the highest counts. */
  private RowMatrix load(int held, long[] counts) throws IOException {
    int rowBytes = manifest.rowBytes();
    RowMatrix rows;
    try {
      rows =
          counts == null
              ? RowMatrix.ofAll(rowBytes, held)
              : RowMatrix.ofMostFrequent(rowBytes, counts, held);
    } catch (OutOfMemoryError e) {
      throw new TableException(
          "there is not enough memory for %,d bytes of rows of table %s (%s); raise"
                  .formatted((long) held * rowBytes, directory, e.getMessage())
              + " -XX:MaxDirectMemorySize, or hold fewer of them in memory",
          e);
    }
    try (IndexReader fgrams = indexReader()) {
      StoredRow row = new StoredRow(rowBytes);
      byte[] key = new byte[manifest.maxNgram() * FgramKey.TOKEN_BYTES];
      for (int ordinal = 0; fgrams.next(); ordinal++) {
        if (rows.holds(ordinal)) {
          read(key, FgramKey.encode(fgrams.tokens(), 0, fgrams.length(), key), row);
          rows.put(ordinal, row.bytes(), 0);
        }
      }
      return rows;
    } catch (IOException | RuntimeException e) {
      rows.close();
      throw e;
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
