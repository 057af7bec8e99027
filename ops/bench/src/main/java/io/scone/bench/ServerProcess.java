package io.scone.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A server in a process of its own, which ends with this one at the latest. */
public final class ServerProcess implements AutoCloseable {
  private static final long PEER_STOP_SECONDS = 10;

  private final Process process;
  private final long stopSeconds;
  private final Thread hook;

  /**
   * Takes over a process.
   *
   * @param stopSeconds how long it may take to stop when it is told to
   * @param atExit what is done to it where this process ends before {@link #close}
   */
  public ServerProcess(Process process, long stopSeconds, Consumer<Process> atExit) {
    this.process = process;
    this.stopSeconds = stopSeconds;
    this.hook = new Thread(() -> atExit.accept(process), "scone-stop-server");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts a peer's command; what it says on standard error goes to a file. */
  static ServerProcess start(List<String> command, Path log) throws IOException {
    return new ServerProcess(
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectError(log.toFile())
            .start(),
        PEER_STOP_SECONDS,
        Process::destroyForcibly);
  }

  /** Starts a class of this class path in a virtual machine of its own. */
  static ServerProcess startJava(Class<?> main, List<String> arguments, Path log)
      throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return start(command, log);
  }

  /** Returns the process. */
  public Process process() {
    return process;
  }

  /** Stops it with SIGTERM, and with SIGKILL if it takes too long, and waits until it is gone. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(stopSeconds, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // This process is going down already.
    }
  }
}
