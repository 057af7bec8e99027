package io.scone.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** A server in a process of its own, to be stopped and killed as an operating system does it. */
final class ServerProcess implements AutoCloseable {
  private final Process process;
  private final InetSocketAddress address;

  private ServerProcess(Process process, InetSocketAddress address) {
    this.process = process;
    this.address = address;
  }

  /** Starts a server of one table and returns once it serves. */
  static ServerProcess start(Path table, Duration drainDelay) throws IOException {
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-XX:TieredStopAtLevel=1",
                    "-cp",
                    System.getProperty("java.class.path"),
                    ServerProcess.class.getName(),
                    table.toString(),
                    drainDelay.toString()))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out = process.inputReader();
    String port = out.readLine();
    if (port == null) {
      throw new IOException("the server did not start");
    }
    return new ServerProcess(
        process, new InetSocketAddress(InetAddress.getLoopbackAddress(), Integer.parseInt(port)));
  }

  InetSocketAddress address() {
    return address;
  }

  Process process() {
    return process;
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** The process: serves until it is told to stop. */
  public static void main(String[] arguments) throws Exception {
    CacheServer server =
        CacheServer.start(
            ServerConfig.builder()
                .listen(ListenConfig.at("127.0.0.1", 0))
                .drain(new DrainConfig(Duration.parse(arguments[1]), Duration.ofSeconds(20)))
                .build(),
            Map.of("default", Path.of(arguments[0])));
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  server.close();
                  Runtime.getRuntime().halt(0);
                }));
    System.out.println(server.address().getPort());
    server.awaitTermination();
  }
}
