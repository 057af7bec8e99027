package io.scone.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A process that this one has started, and that ends with it at the latest. */
public final class ChildProcess implements AutoCloseable {
  private static final int FIRST_JAVA_THAT_ASKS = 24;
  private static final long STOP_SECONDS = 10;

  private final Process process;
  private final long stopSeconds;
  private final Thread hook;

  /**
   * Takes over a process.
   *
   * @param stopSeconds how long it may take to stop when it is told to
   * @param atExit what is done to it where this process ends before {@link #close}
   */
  public ChildProcess(Process process, long stopSeconds, Consumer<Process> atExit) {
    this.process = process;
    this.stopSeconds = stopSeconds;
    this.hook = new Thread(() -> atExit.accept(process), "scone-stop-child");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts a server's command; what it says on standard error goes to a file. */
  static ChildProcess startServer(List<String> command, Path log) throws IOException {
    return start(
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))),
        log);
  }

  /** Starts a command that reads this process's orders; its standard error goes to a file. */
  static ChildProcess start(List<String> command, Path log) throws IOException {
    return start(new ProcessBuilder(command), log);
  }

  private static ChildProcess start(ProcessBuilder builder, Path log) throws IOException {
    return new ChildProcess(
        builder.redirectError(log.toFile()).start(), STOP_SECONDS, Process::destroyForcibly);
  }

  /** Returns the command of a class of this class path in a virtual machine of its own. */
  public static List<String> java(List<String> options, String main, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    if (Runtime.version().feature() >= FIRST_JAVA_THAT_ASKS) {
      command.add("--enable-native-access=ALL-UNNAMED");
      command.add("--sun-misc-unsafe-memory-access=allow");
    }
    command.addAll(options);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main));
    command.addAll(arguments);
    return command;
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
