package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Serving over a Unix socket, and what becomes of its file. */
class UnixSocketTest {
  private static final EventLoopGroup CLIENT =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("client", true), EpollIoHandler.newFactory());

  private static final TestTable DATA = new TestTable(33, 300, 16);

  @TempDir private static Path tables;
  @TempDir private Path directory;
  private Path socket;

  @BeforeAll
  static void build() throws IOException {
    DATA.build(tables.resolve("table"));
  }

  @BeforeEach
  void choosePath() {
    socket = directory.resolve("scone.sock");
  }

  @Test
  void theSameIsServedOverTcpAndTheUnixSocketWithOneHealth() throws IOException {
    ListenConfig both =
        new ListenConfig(
            ListenConfig.at("127.0.0.1", 0).tcp(), ListenConfig.at(socket).unixSocket(), 1);
    ManagedChannel unix = connect();
    try (CacheServer server = start(both)) {
      ManagedChannel tcp = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
      MatchRequest.Builder tokens = MatchRequest.newBuilder();
      Arrays.stream(DATA.text(new Random(1), 100)).forEach(tokens::addTokens);
      MatchRequest request = tokens.build();
      MatchResponse matched = EmbeddingServiceGrpc.newBlockingStub(unix).match(request);
      assertTrue(matched.getPositionsCount() > 0);
      assertEquals(matched, EmbeddingServiceGrpc.newBlockingStub(tcp).match(request));
      assertEquals(ServingStatus.SERVING, health(unix));
      assertEquals(ServingStatus.SERVING, health(tcp));
      assertEquals(
          List.of("127.0.0.1:" + server.address().getPort(), "unix:" + socket), server.addresses());
      tcp.shutdownNow();
    } finally {
      unix.shutdownNow();
    }
  }

  @Test
  void ownerAndGroupMayConnectAndTheFileGoesWhenTheServerStops() throws IOException {
    CacheServer server = start(ListenConfig.at(socket));
    assertEquals("rw-rw----", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    assertThrows(IllegalStateException.class, server::address);
    server.close();
    assertFalse(Files.exists(socket));
  }

  @Test
  void otherPermissionsCanBeAskedFor() throws IOException {
    ListenConfig.UnixSocket ownerOnly =
        new ListenConfig.UnixSocket(socket, PosixFilePermissions.fromString("rw-------"));
    try (CacheServer server =
        start(new ListenConfig(Optional.empty(), Optional.of(ownerOnly), 1))) {
      assertEquals(List.of("unix:" + socket), server.addresses());
      assertEquals(
          "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)));
    }
  }

  @Test
  void aSocketThatNobodyListensOnIsReplaced() throws IOException {
    try (ServerSocketChannel dead = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      dead.bind(UnixDomainSocketAddress.of(socket));
    }
    assertTrue(Files.exists(socket));
    ManagedChannel channel = connect();
    try (CacheServer server = start(ListenConfig.at(socket))) {
      assertEquals(List.of("unix:" + socket), server.addresses());
      assertEquals(ServingStatus.SERVING, health(channel));
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aSocketThatAServerListensOnIsLeftToIt() throws IOException {
    ManagedChannel channel = connect();
    try (CacheServer server = start(ListenConfig.at(socket))) {
      assertEquals(List.of("unix:" + socket), server.addresses());
      assertRefused("another server listens there; stop it or choose another path");
      assertEquals(ServingStatus.SERVING, health(channel));
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void aFileThatIsNoSocketIsLeftAlone() throws IOException {
    Files.writeString(socket, "precious");
    assertRefused("it is there and is no socket; choose another path");
    assertEquals("precious", Files.readString(socket));
  }

  private void assertRefused(String reason) {
    IOException e = assertThrows(IOException.class, () -> start(ListenConfig.at(socket)));
    assertEquals("cannot listen on unix:" + socket + ": " + reason, e.getMessage());
  }

  private static CacheServer start(ListenConfig listen) throws IOException {
    return CacheServer.start(
        ServerConfig.builder().listen(listen).build(), Map.of("default", tables.resolve("table")));
  }

  private ManagedChannel connect() {
    return connect(socket);
  }

  static ManagedChannel connect(Path socket) {
    return NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(CLIENT)
        .usePlaintext()
        .build();
  }

  private static ServingStatus health(ManagedChannel channel) {
    return HealthGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .check(HealthCheckRequest.getDefaultInstance())
        .getStatus();
  }
}
