package io.scone.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A `scone cache-server` in a process of its own, to be killed as an operating system does it. */
final class CacheServerProcess implements AutoCloseable {
  private static final Pattern ADDRESS = Pattern.compile("127\\.0\\.0\\.1:\\d+");
  private static final long END_SECONDS = 30;

  private final Process process;
  private final Path log;
  private final String announcement;

  private CacheServerProcess(Process process, Path log) throws IOException {
    this.process = process;
    this.log = log;
    this.announcement = process.inputReader(StandardCharsets.UTF_8).readLine();
  }

  /**
   * Starts a server and returns once it serves, or has ended.
   *
   * @param log the file that takes what it says on standard error
   * @param port where to listen; 0 for a free one
   */
  static CacheServerProcess start(Path log, int port, String... arguments) throws IOException {
    return start(log, port, Map.of(), arguments);
  }

  /** As {@link #start(Path, int, String...)}, with variables of the environment besides. */
  static CacheServerProcess start(
      Path log, int port, Map<String, String> environment, String... arguments) throws IOException {
    List<String> words = new ArrayList<>();
    words.addAll(List.of("cache-server", "--port", Integer.toString(port)));
    words.addAll(List.of(arguments));
    List<String> small = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m");
    ProcessBuilder builder =
        SconeRun.process(small, words.toArray(String[]::new)).redirectError(log.toFile());
    builder.environment().putAll(environment);
    return new CacheServerProcess(builder.start(), log);
  }

  String address() throws IOException {
    assertTrue(announcement != null, "the server did not start: " + log());
    Matcher found = ADDRESS.matcher(announcement);
    assertTrue(found.find(), announcement);
    return found.group();
  }

  int port() throws IOException {
    return Integer.parseInt(address().substring("127.0.0.1:".length()));
  }

  /** Returns what it has said on standard error. */
  String log() throws IOException {
    return Files.readString(log);
  }

  /** Kills it with SIGKILL and waits until it is gone. */
  void kill() throws InterruptedException {
    process.destroyForcibly();
    assertTrue(process.waitFor(END_SECONDS, TimeUnit.SECONDS));
  }

  /** Waits until it has ended by itself and checks that it says why in one sentence. */
  void assertFails(String sentence) throws IOException, InterruptedException {
    assertTrue(process.waitFor(END_SECONDS, TimeUnit.SECONDS));
    assertEquals(1, process.exitValue(), log());
    assertEquals(null, announcement);
    List<String> lines = log().lines().toList();
    assertTrue(lines.get(lines.size() - 1).startsWith("scone: " + sentence), log());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("\tat ")), log());
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
