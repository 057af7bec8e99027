package io.scone.table;

import io.scone.fgram.FgramKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.PlainTableConfig;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TableProperties;
import org.rocksdb.WriteOptions;
import org.slf4j.LoggerFactory;

/** The RocksDB of a table's rows, open for building or for reading. */
final class RowStore implements AutoCloseable {
  /*
   * RocksDB's plain table format: files are mapped, so the page cache is the cache, and a row is
   * found by one probe of a hash of its whole key, without a search in blocks. The format has no
   * checksums; StoredRow does.
   */

  static {
    RocksDB.loadLibrary();
  }

  /** Bytes of rows that a build collects in memory, and so the size of a file. */
  static final long FILE_BYTES = 256L << 20;

  private final Log log = new Log();
  private final Options options;
  private final WriteOptions unlogged = new WriteOptions().setDisableWAL(true);
  private RocksDB db;

  private RowStore(int maxNgram) {
    PlainTableConfig format =
        new PlainTableConfig()
            .setBloomBitsPerKey(0) // the f-grams are in memory: only rows that exist are asked for
            .setStoreIndexInFile(true);
    options =
        new Options()
            .setLogger(log)
            .setCreateIfMissing(true)
            .setTableFormatConfig(format)
            .useCappedPrefixExtractor(maxNgram * FgramKey.TOKEN_BYTES)
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setAllowMmapReads(true)
            .setMaxOpenFiles(-1)
            .setWriteBufferSize(2 * FILE_BYTES) // flush() decides, not the buffer
            .setTargetFileSizeBase(2 * FILE_BYTES)
            .setDisableAutoCompactions(true)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setSkipStatsUpdateOnDbOpen(true);
  }

  /** Opens a store, or makes it, to add rows to it. */
  static RowStore openForBuilding(Path directory, int maxNgram)
      throws IOException, RocksDBException {
    RowStore store = new RowStore(maxNgram);
    try {
      Files.createDirectories(directory); // RocksDB makes it, too, but logs an error first
      store.db = RocksDB.open(store.options, directory.toString());
      return store;
    } finally {
      store.closeUnlessOpen();
    }
  }

  /** Opens a store for reading; nothing in its directory is written. */
  static RowStore openForReading(Path directory, int maxNgram) throws RocksDBException {
    RowStore store = new RowStore(maxNgram);
    try {
      store.db = RocksDB.openReadOnly(store.options, directory.toString());
      return store;
    } finally {
      store.closeUnlessOpen();
    }
  }

  /** Returns the rows in finished files. */
  long rowCount() throws RocksDBException {
    return db.getPropertiesOfAllTables().values().stream()
        .mapToLong(TableProperties::getNumEntries)
        .sum();
  }

  /**
   * Reads the value of a key into an array.
   *
   * @return the bytes of the value, even if they are more than the array's, or -1 if there is none
   */
  int get(byte[] key, int keyLength, byte[] value) throws RocksDBException {
    return db.get(key, 0, keyLength, value, 0, value.length);
  }

  /** Adds a value; it is not on disk before the next {@link #flush}. */
  void put(byte[] key, byte[] value) throws RocksDBException {
    db.put(unlogged, key, value);
  }

  /** Puts all that was added on disk, as one more file. */
  void flush() throws RocksDBException {
    try (FlushOptions wait = new FlushOptions().setWaitForFlush(true)) {
      db.flush(wait);
    }
  }

  /** Arranges the files by key, so that a read looks into one of them; none is written anew. */
  void sort() throws RocksDBException {
    db.compactRange();
  }

  @Override
  public void close() {
    if (db != null) {
      db.close();
    }
    unlogged.close();
    options.close();
    log.close();
  }

  private void closeUnlessOpen() {
    if (db == null) {
      close();
    }
  }

  /** Passes what RocksDB logs on, instead of into a file in the table's directory. */
  private static final class Log extends Logger {
    private static final org.slf4j.Logger LOG = LoggerFactory.getLogger("org.rocksdb");

    Log() {
      super(InfoLogLevel.ERROR_LEVEL);
    }

    @Override
    protected void log(InfoLogLevel level, String message) {
      LOG.error("{}", message);
    }
  }
}
