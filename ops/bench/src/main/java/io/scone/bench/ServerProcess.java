package io.scone.bench;

import java.io.File;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A peer's server in a process of its own, which ends with this one at the latest. */
final class ServerProcess implements AutoCloseable {
  private static final long STOP_SECONDS = 10;

  private final Process process;
  private final Thread hook;

  private ServerProcess(Process process) {
    this.process = process;
    this.hook = new Thread(process::destroyForcibly, "scone-stop-peer");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Starts a command; what it says on standard error goes to a file. */
  static ServerProcess start(List<String> command, Path log) throws IOException {
    return new ServerProcess(
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectError(log.toFile())
            .start());
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

  Process process() {
    return process;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
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
