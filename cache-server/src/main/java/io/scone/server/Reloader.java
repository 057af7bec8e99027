package io.scone.server;

import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The files that a server takes up anew when they change, without a restart.
 *
 * <p>Contents are compared, not times: what replaces a file may well be as old as the file. What
 * cannot be used is said once in the log, and the server goes on with what it has.
 */
final class Reloader implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Reloader.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(new DefaultThreadFactory("scone-reload", true));
  private final List<Watched> watched = new CopyOnWriteArrayList<>();
  private final AtomicLong failures = new AtomicLong();

  /** Starts to look for changes. */
  Reloader(Duration interval) {
    long millis = interval.toMillis();
    Future<?> unused =
        thread.scheduleWithFixedDelay(this::check, millis, millis, TimeUnit.MILLISECONDS);
  }

  /** Takes the contents of files. */
  @FunctionalInterface
  interface Taker {
    /**
     * Uses new contents, or changes nothing.
     *
     * @param contents what each file holds, in the order of the files
     * @throws IOException if they cannot be used; the message is a sentence
     */
    void take(List<byte[]> contents) throws IOException;
  }

  /**
   * Has files taken now, and again whenever one of them changes.
   *
   * @throws IOException if they cannot be used as they are now; the message is a sentence
   */
  void watch(List<Path> files, Taker taker) throws IOException {
    Watched added = new Watched(files, taker);
    added.takeChanges();
    watched.add(added);
  }

  /** Returns how many times changed files could not be used. */
  long failures() {
    return failures.get();
  }

  /** Stops looking for changes. */
  @Override
  public void close() {
    thread.shutdownNow();
  }

  private void check() {
    for (Watched files : watched) {
      try {
        if (files.takeChanges()) {
          LOG.info("took up the changes of {}", files.files);
        }
      } catch (IOException e) {
        if (files.isNewFailure(e)) {
          failures.incrementAndGet();
          LOG.warn("the server goes on with what it read before: {}", e.getMessage());
        }
      } catch (RuntimeException | LinkageError e) { // a scheduled task that throws never runs again
        failures.incrementAndGet();
        LOG.error("the server goes on with what it read before {} changed", files.files, e);
      }
    }
  }

  /** Files that are taken together. */
  private static final class Watched {
    private final List<Path> files;
    private final Taker taker;
    private List<byte[]> seen = List.of();
    private String failure;

    Watched(List<Path> files, Taker taker) {
      this.files = files;
      this.taker = taker;
    }

    /** Takes the files if they have changed, and says whether they have. */
    boolean takeChanges() throws IOException {
      List<byte[]> contents = read();
      if (isSame(contents)) {
        return false;
      }
      seen = contents;
      failure = null;
      taker.take(contents);
      return true;
    }

    /** Says whether a failure is another than the one before, which has been told. */
    boolean isNewFailure(IOException e) {
      boolean isNew = !e.getMessage().equals(failure);
      failure = e.getMessage();
      return isNew;
    }

    private List<byte[]> read() throws IOException {
      List<byte[]> contents = new ArrayList<>();
      for (Path file : files) {
        try {
          contents.add(Files.readAllBytes(file));
        } catch (NoSuchFileException e) {
          throw new IOException("there is no file " + file, e);
        } catch (IOException e) {
          throw new IOException("cannot read " + file + ": " + e, e);
        }
      }
      return contents;
    }

    private boolean isSame(List<byte[]> contents) {
      if (seen.size() != contents.size()) {
        return false;
      }
      for (int i = 0; i < contents.size(); i++) {
        if (!Arrays.equals(seen.get(i), contents.get(i))) {
          return false;
        }
      }
      return true;
    }
  }
}
