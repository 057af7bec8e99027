package io.scone.bench;

import io.scone.fgram.FgramKey;
import io.scone.progress.Progress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import redis.clients.jedis.Jedis;
import redis.clients.jedis.Pipeline;
import redis.clients.jedis.exceptions.JedisConnectionException;

/** A Redis that holds every row under its f-gram's key, in memory only. */
final class RedisServer implements AutoCloseable {
  private static final String PROGRAM = "redis-server";
  private static final String HOST = "127.0.0.1";
  private static final int PIPELINED = 1000;
  private static final int START_ATTEMPTS = 100;
  private static final long START_PAUSE_MILLIS = 50;

  private final ChildProcess process;
  private final int port;

  private RedisServer(ChildProcess process, int port) {
    this.process = process;
    this.port = port;
  }

  /** Returns the program where it is on the PATH. */
  static Optional<Path> program() {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
        .map(directory -> Path.of(directory, PROGRAM))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /** Starts one and loads the rows. */
  static RedisServer start(Path program, BenchmarkData data, Progress progress) throws IOException {
    int port = freePort();
    List<String> command =
        List.of(
            program.toString(),
            "--bind",
            HOST,
            "--port",
            Integer.toString(port),
            "--save",
            "",
            "--appendonly",
            "no");
    Path log = data.path("redis.log");
    RedisServer server = new RedisServer(ChildProcess.startServer(command, log), port);
    try (Jedis jedis = server.connectWhenUp()) {
      load(jedis, data, progress);
      return server;
    } catch (IOException | RuntimeException e) {
      server.close();
      throw e;
    }
  }

  /** Returns where it listens, as host:port. */
  String address() {
    return HOST + ":" + port;
  }

  ProcessHandle process() {
    return process.process().toHandle();
  }

  @Override
  public void close() {
    process.close();
  }

  private Jedis connectWhenUp() throws IOException {
    for (int attempt = 1; ; attempt++) {
      Jedis jedis = new Jedis(HOST, port);
      try {
        jedis.ping();
        return jedis;
      } catch (JedisConnectionException e) {
        jedis.close();
        if (attempt == START_ATTEMPTS || !process.process().isAlive()) {
          throw new IOException("Redis did not start", e);
        }
        pause();
      }
    }
  }

  private static void load(Jedis jedis, BenchmarkData data, Progress progress) {
    int[][] fgrams = data.fgrams();
    progress.begin("loading Redis", fgrams.length, "rows");
    Pipeline pipeline = jedis.pipelined();
    for (int i = 0; i < fgrams.length; i++) {
      byte[] row = new byte[data.rowBytes()];
      data.pattern().write(fgrams[i], 0, fgrams[i].length, ByteBuffer.wrap(row));
      pipeline.set(FgramKey.encode(fgrams[i]), row);
      if ((i + 1) % PIPELINED == 0 || i + 1 == fgrams.length) {
        pipeline.sync();
        progress.advance(i % PIPELINED + 1);
      }
    }
    progress.end();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static void pause() throws IOException {
    try {
      Thread.sleep(START_PAUSE_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }
}
