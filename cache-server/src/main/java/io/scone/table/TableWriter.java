package io.scone.table;

import io.scone.fgram.FgramKey;
import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.rocksdb.RocksDBException;

/**
 * A build of a table: takes its rows in key order and publishes them under its name, whole or not
 * at all.
 *
 * <p>The rows go to a hidden sibling of the table's directory, {@code .NAME.building}. A build that
 * ended without {@link #publish}, by whatever cause, is resumed by {@link #create} with the same
 * spec: {@link #rowsWritten} says how many rows it has, and {@link #add} goes on with the next.
 *
 * <p>For use by one thread; one build of a table at a time, which a lock sees to.
 */
public final class TableWriter implements AutoCloseable {
  /*
   * .NAME.building/
   *   lock     held while the build is open
   *   spec     written first: what the build is of
   *   table/   what will be the table: index.bin and rows/, at last checksums and manifest.json
   *
   * Rows are on disk once their file is flushed; the f-grams of a file are put on disk before its
   * rows, so that after a crash the list may be too long but never too short.
   */

  private static final String LOCK = "lock";
  private static final String SPEC = "spec";
  private static final String PART = ".part";
  private static final String TABLE = "table";

  private final Path directory;
  private final Path building;
  private final TableSpec spec;
  private final long fileBytes;
  private final FileChannel lock;
  private final TableContent content;
  private final StoredRow stored;
  private RowStore rows;
  private IndexWriter index;
  private long unflushedBytes;
  private boolean failed;
  private boolean closed;

  private TableWriter(
      Path directory, Path building, TableSpec spec, long fileBytes, FileChannel lock) {
    this.directory = directory;
    this.building = building;
    this.spec = spec;
    this.fileBytes = fileBytes;
    this.lock = lock;
    int rowBytes = spec.rowCodec().rowBytes();
    this.content = new TableContent(spec.vocabularySize(), spec.maxNgram(), rowBytes);
    this.stored = new StoredRow(rowBytes);
  }

  /**
   * Begins the build of a table, or resumes the one that was begun with the same spec.
   *
   * @param directory the directory the table will be; it must not exist, its parent is made
   * @throws FileAlreadyExistsException if the directory exists
   * @throws TableException if a build with another spec was begun, another process is building, or
   *     the unfinished build is damaged
   */
  public static TableWriter create(Path directory, TableSpec spec) throws IOException {
    return create(directory, spec, RowStore.FILE_BYTES);
  }

  static TableWriter create(Path directory, TableSpec spec, long fileBytes) throws IOException {
    Path target = directory.toAbsolutePath().normalize();
    refuseExisting(target);
    Path building = target.resolveSibling("." + target.getFileName() + ".building");
    Files.createDirectories(building);
    FileChannel lock = lock(building);
    TableWriter writer = new TableWriter(target, building, spec, fileBytes, lock);
    try {
      writer.pinSpec();
      writer.resume();
      return writer;
    } catch (IOException | RuntimeException e) {
      writer.failed = true;
      writer.close();
      throw e;
    }
  }

  /** Returns the rows this build has, those of earlier processes included. */
  public long rowsWritten() {
    return content.rowCount();
  }

  /**
   * Adds the next row.
   *
   * @param key the f-gram's key, after the last one in {@link io.scone.fgram.FgramKey} order and
   *     after its suffixes
   * @param count how often the f-gram occurs in the corpus it was mined from, at least 1
   * @param row the row's bytes, from position to limit; left at its limit, the caller's again when
   *     this returns
   * @throws IllegalArgumentException if the key or the row does not belong there; the build goes on
   * @throws IOException if the row cannot be written; the build must be closed and can be resumed
   */
  public void add(byte[] key, long count, ByteBuffer row) throws IOException {
    checkUsable();
    ByteBuffer copy = row.duplicate();
    content.visit(key, count, row);
    try {
      stored.set(key, copy);
      index.add(key, count);
      rows.put(key, stored.bytes());
      unflushedBytes += key.length + stored.bytes().length;
      if (unflushedBytes >= fileBytes) {
        flush();
      }
    } catch (RocksDBException e) {
      failed = true;
      throw cannotWrite(e);
    } catch (IOException e) {
      failed = true;
      throw e;
    }
  }

  /**
   * Makes the table of all rows added, gives it its name and closes the build.
   *
   * @return the table's manifest
   * @throws FileAlreadyExistsException if the table's directory has come to exist meanwhile
   * @throws IOException if the table cannot be written; there is none then, and the build can be
   *     resumed
   */
  public TableManifest publish() throws IOException {
    checkUsable();
    refuseExisting(directory);
    Path table = building.resolve(TABLE);
    try {
      flush();
      rows.sort();
      closeFiles();
      TableManifest manifest = spec.manifest(content);
      FileChecksums.write(table);
      manifest.write(table);
      Durable.rename(table, directory);
      Durable.delete(building);
      return manifest;
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    } finally {
      failed = true; // there is nothing more to keep
      close();
    }
  }

  /**
   * Closes the build. Without {@link #publish} before it, the rows added are kept for {@link
   * #create} to resume, except those after the last full file if a write failed.
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (lock) {
      if (!failed) {
        flush();
      }
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    } finally {
      closeFiles();
    }
  }

  private void checkUsable() {
    if (closed || failed) {
      throw new IllegalStateException("the build of table " + directory + " is closed");
    }
  }

  private static void refuseExisting(Path directory) throws FileAlreadyExistsException {
    if (Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
      throw new FileAlreadyExistsException(
          directory.toString(), null, "a table is never overwritten; delete it or choose another");
    }
  }

  private static FileChannel lock(Path building) throws IOException {
    FileChannel channel =
        FileChannel.open(
            building.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      if (channel.tryLock() != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this process: the same answer.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new TableException("another build of the same table is under way in " + building);
  }

  private void pinSpec() throws IOException {
    Path file = building.resolve(SPEC);
    List<String> wanted = spec.lines();
    if (!Files.exists(file)) {
      Path part = building.resolve(SPEC + PART);
      Files.write(part, wanted);
      Durable.rename(part, file);
      return;
    }
    List<String> begun = Files.readAllLines(file);
    if (!begun.equals(wanted)) {
      List<String> differing = new ArrayList<>(begun);
      differing.removeAll(wanted);
      throw new TableException(
          "an unfinished table in "
              + building
              + " was begun with other settings ("
              + String.join(", ", differing)
              + "); delete it to build anew");
    }
  }

  /** Reads the rows on disk again: they belong to the counts and the fingerprint. */
  private void resume() throws IOException {
    Path table = Files.createDirectories(building.resolve(TABLE));
    try {
      rows = RowStore.openForBuilding(table.resolve(Table.ROWS), spec.maxNgram());
      long count = rows.rowCount();
      Path file = table.resolve(IndexFile.NAME);
      index = IndexWriter.resume(file, spec.vocabularySize(), spec.maxNgram(), count);
      if (count > 0) {
        try (IndexReader fgrams = new IndexReader(file, spec.vocabularySize(), spec.maxNgram())) {
          reread(fgrams);
        }
      }
    } catch (RocksDBException | DamagedTableException | IllegalArgumentException e) {
      throw new TableException(
          "the unfinished table in "
              + building
              + " is damaged: "
              + e.getMessage()
              + "; delete it to build anew",
          e);
    }
  }

  private void reread(IndexReader fgrams) throws IOException, RocksDBException {
    ByteBuffer row = ByteBuffer.wrap(stored.bytes());
    while (fgrams.next()) {
      byte[] key = FgramKey.encode(fgrams.tokens());
      if (rows.get(key, key.length, stored.bytes()) != stored.bytes().length
          || !stored.isIntact(key, key.length)) {
        throw new IllegalArgumentException(
            "the row of f-gram "
                + Arrays.toString(fgrams.tokens())
                + " is missing or not what was written");
      }
      content.visit(key, fgrams.count(), row.clear().limit(spec.rowCodec().rowBytes()));
    }
  }

  private void flush() throws IOException, RocksDBException {
    index.force();
    rows.flush();
    unflushedBytes = 0;
  }

  private void closeFiles() throws IOException {
    if (rows != null) {
      rows.close();
      rows = null;
    }
    if (index != null) {
      index.close();
      index = null;
    }
  }

  private TableException cannotWrite(RocksDBException e) {
    return new TableException("table " + directory + " cannot be written: " + e.getMessage(), e);
  }
}
