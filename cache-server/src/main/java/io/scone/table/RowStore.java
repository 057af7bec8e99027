package io.scone.table;

import java.nio.ByteBuffer;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.rocksdb.AbstractRocksIterator;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.ChecksumType;
import org.rocksdb.CompressionType;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Logger;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.SstFileReaderIterator;
import org.slf4j.LoggerFactory;

/**
 * How tables use RocksDB: one set of options for building and reading, and the scan of all rows. It
 * must be closed after all that was opened with its options.
 */
final class RowStore implements AutoCloseable {
  static {
    RocksDB.loadLibrary();
  }

  private final Log log = new Log();
  private final Options options;

  RowStore() {
    BlockBasedTableConfig format =
        new BlockBasedTableConfig()
            .setFormatVersion(6) // the first whose footer has a checksum
            .setChecksumType(ChecksumType.kXXH3)
            // No filter: the f-grams are in memory, and a row is read only where there is one.
            .setNoBlockCache(true); // files are mapped, so the page cache is the cache
    options =
        new Options()
            .setLogger(log)
            .setCreateIfMissing(true)
            .setTableFormatConfig(format)
            .setCompressionType(CompressionType.NO_COMPRESSION)
            .setAllowMmapReads(true)
            .setMaxOpenFiles(-1)
            .setDisableAutoCompactions(true)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0)
            .setSkipStatsUpdateOnDbOpen(true);
  }

  Options options() {
    return options;
  }

  @Override
  public void close() {
    options.close();
    log.close();
  }

  static void scan(SstFileReaderIterator rows, int rowBytes, RowVisitor visitor)
      throws RocksDBException {
    scan(rows, rows::key, rows::value, rowBytes, visitor);
  }

  static void scan(RocksIterator rows, int rowBytes, RowVisitor visitor) throws RocksDBException {
    scan(rows, rows::key, rows::value, rowBytes, visitor);
  }

  /**
   * Shows every row to the visitor in key order.
   *
   * @throws IllegalArgumentException if a row is not of {@code rowBytes} bytes, or by the visitor
   */
  private static void scan(
      AbstractRocksIterator<?> rows,
      Supplier<byte[]> key,
      ToIntFunction<ByteBuffer> value,
      int rowBytes,
      RowVisitor visitor)
      throws RocksDBException {
    ByteBuffer row = ByteBuffer.allocateDirect(rowBytes);
    for (rows.seekToFirst(); rows.isValid(); rows.next()) {
      int size = value.applyAsInt(row.clear());
      if (size != rowBytes) {
        throw new IllegalArgumentException(
            "a row of " + size + " bytes where rows take " + rowBytes);
      }
      visitor.visit(key.get(), row);
    }
    rows.status();
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
