package io.scone.cli;

import io.scone.bench.ChildProcess;
import io.scone.distributed.Rendezvous;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * A training job of several processes of this machine: one command, started once for each of them,
 * which is told in its environment where it stands.
 *
 * <p>What the first prints is printed as if this process had; what others say has their number in
 * front. When this process is told to stop, they are.
 */
final class LocalJob {
  private static final long STOP_SECONDS = 65; // a little longer than one waits for its own work
  private static final String HERE = "127.0.0.1";

  private final PrintWriter out;
  private final PrintWriter err;
  private final List<ChildProcess> processes = new ArrayList<>();
  private final List<Thread> readers = new ArrayList<>();
  private final BlockingQueue<Integer> ended = new LinkedBlockingQueue<>();

  /** Starts nothing yet; the writers get what the processes print. */
  LocalJob(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
  }

  /**
   * A process that ended before its work was done.
   *
   * @param rank its number, from 0
   * @param exitCode what it ended with; 128 and the number of the signal if one ended it
   */
  record Failure(int rank, int exitCode) {
    private static final int SIGNALS = 128;

    /** Says whether a signal ended it. */
    boolean isSignal() {
      return exitCode > SIGNALS;
    }

    @Override
    public String toString() {
      return isSignal()
          ? "was ended by signal " + (exitCode - SIGNALS)
          : "ended with exit code " + exitCode;
    }
  }

  /**
   * Starts the processes and waits for them.
   *
   * @param size their number
   * @param arguments the command of each
   * @return the first that failed, whereupon the others were stopped, if one did
   * @throws IOException if they cannot be started
   */
  Optional<Failure> run(int size, List<String> arguments) throws IOException {
    List<String> options = ManagementFactory.getRuntimeMXBean().getInputArguments();
    List<String> command = ChildProcess.java(options, Scone.class.getName(), arguments);
    try {
      int port = freePort();
      for (int rank = 0; rank < size; rank++) {
        start(command, new Rendezvous(rank, size, rank, size, HERE, port));
      }
      return firstFailure();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while waiting for the processes of the job", e);
    } finally {
      stop();
    }
  }

  private void start(List<String> command, Rendezvous place) throws IOException {
    int rank = place.rank();
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectInput(new File("/dev/null")).redirectErrorStream(true);
    if (place.isFirst()) {
      builder.redirectErrorStream(false).redirectError(ProcessBuilder.Redirect.INHERIT);
    }
    place.putInto(builder.environment());
    Process process = builder.start();
    processes.add(new ChildProcess(process, STOP_SECONDS, Process::destroy));
    PrintWriter to = place.isFirst() ? out : err;
    String prefix = place.isFirst() ? "" : "[" + rank + "] ";
    Thread reader =
        new Thread(
            () -> {
              copy(process, prefix, to); // up to its end
              ended.add(rank);
            },
            "scone-output-" + rank);
    reader.start();
    readers.add(reader);
  }

  private Optional<Failure> firstFailure() throws InterruptedException {
    for (int count = 0; count < processes.size(); count++) {
      int rank = ended.take();
      int exitCode = processes.get(rank).process().waitFor();
      if (exitCode != 0) {
        return Optional.of(new Failure(rank, exitCode));
      }
    }
    return Optional.empty();
  }

  /** Stops all processes at once, waits until they are gone and all is printed that they said. */
  private void stop() {
    processes.forEach(process -> process.process().destroy());
    processes.forEach(ChildProcess::close);
    for (Thread reader : readers) {
      try {
        reader.join();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private static void copy(Process from, String prefix, PrintWriter to) {
    try (BufferedReader lines = from.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        to.println(prefix + line);
        to.flush();
      }
    } catch (IOException e) {
      to.println("scone: what a process printed was lost: " + e.getMessage());
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return free.getLocalPort();
    }
  }
}
