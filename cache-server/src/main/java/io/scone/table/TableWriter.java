package io.scone.table;

import io.scone.manifest.TableManifest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.SstFileWriter;

/**
 * A build of a table: takes its rows in key order and publishes them under its name, whole or not
 * at all.
 *
 * <p>The rows go to a hidden sibling of the table's directory, {@code .NAME.building}, as sorted
 * files that are on disk once finished. A build that ended without {@link #publish}, by whatever
 * cause, is resumed by {@link #create} with the same spec: {@link #rowsWritten} says how many rows
 * it has, and {@link #add} goes on with the next.
 *
 * <p>For use by one thread; one build of a table at a time, which a lock sees to.
 */
public final class TableWriter implements AutoCloseable {
  /*
   * .NAME.building/
   *   lock         held while the build is open
   *   spec         written first: what the build is of
   *   000001.sst   finished files in key order, without gaps
   *   000002.part  the file being written; worthless after a crash
   *   table/       the table while it is being published; worthless after a crash
   *
   * Publishing ingests hard links of the finished files, so they are still there if it fails.
   */

  /** Bytes of rows in one file: what a killed build loses at most. */
  static final long FILE_BYTES = 256L << 20;

  private static final String LOCK = "lock";
  private static final String SPEC = "spec";
  private static final String TABLE = "table";
  private static final String FINISHED = ".sst";
  private static final String PART = ".part";

  private final Path directory;
  private final Path building;
  private final TableSpec spec;
  private final long fileBytes;
  private final FileChannel lock;
  private final RowStore store = new RowStore();
  private final EnvOptions environment = new EnvOptions();
  private final TableContent content;
  private final ByteBuffer keyBuffer;
  private final ByteBuffer rowBuffer;
  private int finishedFiles;
  private SstFileWriter file;
  private long bytesInFile;
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
    this.keyBuffer = ByteBuffer.allocateDirect(spec.maxNgram() * Integer.BYTES);
    this.rowBuffer = ByteBuffer.allocateDirect(rowBytes);
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
    return create(directory, spec, FILE_BYTES);
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
   * @param row the row's bytes, from position to limit; left at its limit, the caller's again when
   *     this returns
   * @throws IllegalArgumentException if the key or the row does not belong there; the build goes on
   * @throws IOException if the row cannot be written; the build must be closed and can be resumed
   */
  public void add(byte[] key, ByteBuffer row) throws IOException {
    checkUsable();
    ByteBuffer copy = row.duplicate();
    content.visit(key, row);
    try {
      if (file == null) {
        file = new SstFileWriter(environment, store.options());
        file.open(part().toString());
      }
      file.put(keyBuffer.clear().put(key).flip(), rowBuffer.clear().put(copy).flip());
      bytesInFile += key.length + rowBuffer.capacity();
      if (bytesInFile >= fileBytes) {
        finishFile();
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
    try {
      if (file != null) {
        finishFile();
      }
      Path table = building.resolve(TABLE);
      Durable.delete(table);
      ingest(Files.createDirectories(table.resolve(Table.ROWS)));
      TableManifest manifest = spec.manifest(content);
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
   * #create} to resume, except those that came after the last finished file if a write failed.
   */
  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    closed = true;
    try (lock) {
      if (file != null && !failed) {
        finishFile();
      }
    } catch (RocksDBException e) {
      throw cannotWrite(e);
    } finally {
      if (file != null) {
        file.close();
      }
      environment.close();
      store.close();
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

  /** Reads the finished files again: their rows belong to the counts and the fingerprint. */
  private void resume() throws IOException {
    for (Path next = finished(1); Files.exists(next); next = finished(finishedFiles + 1)) {
      try (ReadOptions read = new ReadOptions();
          SstFileReader reader = new SstFileReader(store.options())) {
        reader.open(next.toString());
        try (SstFileReaderIterator rows = reader.newIterator(read)) {
          RowStore.scan(rows, rowBuffer.capacity(), content);
        }
      } catch (RocksDBException | IllegalArgumentException e) {
        throw new TableException(
            "the unfinished table in "
                + building
                + " is damaged: "
                + e.getMessage()
                + "; delete it to build anew",
            e);
      }
      finishedFiles++;
    }
    Files.deleteIfExists(part());
  }

  private void finishFile() throws IOException, RocksDBException {
    file.finish();
    file.close();
    file = null;
    bytesInFile = 0;
    Durable.rename(part(), finished(finishedFiles + 1));
    finishedFiles++;
  }

  private void ingest(Path rows) throws IOException, RocksDBException {
    Path links = Files.createDirectory(building.resolve(TABLE).resolve("links"));
    List<String> files = new ArrayList<>();
    boolean linked = true;
    for (int i = 1; i <= finishedFiles; i++) {
      Path link = links.resolve(finished(i).getFileName());
      linked = linked && link(link, finished(i));
      files.add((linked ? link : finished(i)).toString());
    }
    try (IngestExternalFileOptions options = new IngestExternalFileOptions();
        RocksDB db = RocksDB.open(store.options(), rows.toString())) {
      if (!files.isEmpty()) {
        db.ingestExternalFile(files, options.setMoveFiles(linked));
      }
    }
    Durable.delete(links);
  }

  /** Makes a hard link, or says that this file system has none: RocksDB will copy instead. */
  private static boolean link(Path link, Path existing) throws IOException {
    try {
      Files.createLink(link, existing);
      return true;
    } catch (UnsupportedOperationException | FileSystemException e) {
      return false;
    }
  }

  private Path finished(int number) {
    return building.resolve(String.format(Locale.ROOT, "%06d%s", number, FINISHED));
  }

  private Path part() {
    return building.resolve(String.format(Locale.ROOT, "%06d%s", finishedFiles + 1, PART));
  }

  private TableException cannotWrite(RocksDBException e) {
    return new TableException("table " + directory + " cannot be written: " + e.getMessage(), e);
  }
}
