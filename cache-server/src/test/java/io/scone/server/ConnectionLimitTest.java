package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.scone.table.TestTable;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** More connections than a server takes. */
@Timeout(60)
class ConnectionLimitTest {
  @TempDir private Path directory;

  @Test
  void connectionsBeyondTheLimitAreClosedUntilOneEnds() throws Exception {
    new TestTable(5, 100, 16).build(directory.resolve("table"));
    ConnectionConfig defaults = ConnectionConfig.defaults();
    ServerConfig config =
        ServerConfig.builder()
            .listen(ListenConfig.at("127.0.0.1", 0))
            .connections(
                new ConnectionConfig(
                    2,
                    defaults.maxCalls(),
                    defaults.maxHeaderBytes(),
                    defaults.maxResetsPerSecond(),
                    Duration.ofMinutes(5),
                    defaults.keepAliveTime(),
                    defaults.keepAliveTimeout(),
                    defaults.minClientKeepAlive(),
                    defaults.maxIdle(),
                    defaults.maxAge(),
                    defaults.maxAgeGrace()))
            .build();
    try (CacheServer server =
        CacheServer.start(config, Map.of("default", directory.resolve("table")))) {
      // The server's own warm-up may still be hanging up.
      Socket first = taken(server);
      Socket second = taken(server);
      for (int i = 0; i < 10; i++) {
        try (Socket third = connect(server)) {
          assertEquals(-1, firstByte(third));
        }
      }
      assertTrue(server.refusedConnections() >= 10);
      second.close();
      taken(server).close();
      first.close();
    }
  }

  /** Connects until the server takes the connection. */
  private static Socket taken(CacheServer server) throws Exception {
    while (true) {
      Socket socket = connect(server);
      if (firstByte(socket) >= 0) {
        return socket;
      }
      socket.close();
      Thread.sleep(5);
    }
  }

  private static Socket connect(CacheServer server) throws IOException {
    Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.address().getPort());
    socket.setSoTimeout((int) TimeUnit.SECONDS.toMillis(30));
    return socket;
  }

  /** Returns the first byte of what an HTTP/2 server says unasked, or -1 if it hangs up. */
  private static int firstByte(Socket socket) throws IOException {
    try {
      return socket.getInputStream().read();
    } catch (SocketException e) {
      return -1;
    }
  }
}
