package io.scone.cli;

import io.scone.bench.ChildProcess;
import io.scone.bench.Daemon;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A cache server in a process of its own, on a free port of this machine. */
final class DaemonProcess implements Daemon {
  private static final long STOP_SECONDS = 30;
  private static final Pattern ADDRESS = Pattern.compile("\\b127\\.0\\.0\\.1:\\d+");

  private final ChildProcess process;
  private final String address;

  private DaemonProcess(ChildProcess process, String address) {
    this.process = process;
    this.address = address;
  }

  /**
   * Starts a server and waits until it serves.
   *
   * @param table the table's directory
   * @param log the file that takes what the server logs
   * @param options further options of its command line
   * @throws IOException if the server ends before it serves; the message holds what it said
   */
  static DaemonProcess start(Path table, Path log, List<String> options) throws IOException {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("cache-server", "--table", table.toString()));
    arguments.addAll(List.of("--host", "127.0.0.1", "--port", "0"));
    arguments.addAll(options);
    List<String> hugePages =
        List.of("-XX:+UseTransparentHugePages"); // and the variable: as the launcher
    List<String> command = ChildProcess.java(hugePages, Scone.class.getName(), arguments);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null")))
            .redirectError(log.toFile());
    builder.environment().putIfAbsent("GLIBC_TUNABLES", "glibc.malloc.hugetlb=1");
    Process process = builder.start();
    // The server prints one line once it serves, and nothing after it.
    BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
    String line = out.readLine();
    Matcher address = ADDRESS.matcher(line == null ? "" : line);
    if (!address.find()) {
      process.destroy();
      throw new IOException("the cache server did not start: " + Files.readString(log).strip());
    }
    return new DaemonProcess(
        new ChildProcess(process, STOP_SECONDS, Process::destroy), address.group());
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public ProcessHandle process() {
    return process.process().toHandle();
  }

  /** Stops the server as an operator would, with SIGTERM, and waits until it is gone. */
  @Override
  public void close() {
    process.close();
  }
}
