package io.scone.bench;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** A cache server that runs as a process of its own. */
public interface Daemon extends Closeable {
  /** Returns where it listens, as host:port. */
  String address();

  /** Returns its process. */
  ProcessHandle process();

  /** Stops it and waits until it is gone. */
  @Override
  void close();

  /** Starts cache servers. */
  @FunctionalInterface
  interface Launcher {
    /**
     * Starts one and waits until it serves.
     *
     * @param table the table's directory
     * @param options further options of its command line
     * @throws IOException if it ends before it serves
     */
    Daemon start(Path table, List<String> options) throws IOException;
  }
}
