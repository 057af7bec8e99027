package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.StreamObserver;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.TableServiceGrpc;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Who may call what, by the tokens in a file. */
class AuthorizationTest {
  private static final String READER = "reader-0123456789abcdef";
  private static final String ADMIN = "admin-0123456789abcdef";
  private static final String BOTH = "both-0123456789abcdef";

  @TempDir private static Path tables;
  @TempDir private Path directory;
  private Path file;
  private CacheServer server;
  private ManagedChannel channel;

  @BeforeAll
  static void build() throws IOException {
    new TestTable(34, 100, 16).build(tables.resolve("table"));
  }

  @BeforeEach
  void start() throws Exception {
    file = directory.resolve("tokens");
    write(
        "# who may call\n\nread  "
            + sha256(READER)
            + " # the model servers\nadmin "
            + sha256(ADMIN)
            + "\nread "
            + sha256(BOTH)
            + "\nadmin "
            + sha256(BOTH).toUpperCase(Locale.ROOT));
    server = start(ListenConfig.at("127.0.0.1", 0), new AuthConfig(Optional.of(file), false));
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void readingTakesATokenWithThatRight() {
    read(READER);
    read(BOTH);
    assertRefused(
        Status.Code.PERMISSION_DENIED,
        "the call's token does not give the right to read rows",
        () -> read(ADMIN));
    assertRefused(
        Status.Code.UNAUTHENTICATED,
        "the call's token is not known here",
        () -> read(READER + "x"));
    assertRefused(
        Status.Code.UNAUTHENTICATED, "the call's token is not known here", () -> read(""));
    assertRefused(
        Status.Code.UNAUTHENTICATED,
        "the call brings no token; send 'authorization: Bearer TOKEN'",
        () ->
            EmbeddingServiceGrpc.newBlockingStub(channel)
                .getServerInfo(GetServerInfoRequest.getDefaultInstance()));
  }

  @Test
  void administrationTakesATokenWithThatRight() {
    administer(channel, ADMIN);
    administer(channel, BOTH);
    assertRefused(
        Status.Code.PERMISSION_DENIED,
        "the call's token does not give the right to administer tables",
        () -> administer(channel, READER));
  }

  @Test
  void healthIsOpenAndReflectionTakesTheRightToRead() throws Exception {
    assertEquals(
        ServingStatus.SERVING,
        HealthGrpc.newBlockingStub(channel)
            .check(HealthCheckRequest.getDefaultInstance())
            .getStatus());
    reflect(READER);
    ExecutionException e = assertThrows(ExecutionException.class, () -> reflect(ADMIN));
    assertEquals(Status.Code.PERMISSION_DENIED, Status.fromThrowable(e.getCause()).getCode());
  }

  @Test
  void aChangedFileIsTakenUpAndABrokenOneIsNot() throws Exception {
    write("read " + sha256(ADMIN));
    while (!reads(ADMIN)) {
      Thread.onSpinWait();
    }
    assertFalse(reads(READER));
    write("read " + READER);
    while (server.reloadFailures() == 0) {
      Thread.onSpinWait();
    }
    assertTrue(reads(ADMIN));
  }

  @Test
  void aFileThatOthersMayWriteOrThatHoldsATokenItselfIsRefusedWithoutRepeatingIt()
      throws Exception {
    write("read " + READER);
    IOException e = assertThrows(IOException.class, this::startAgain);
    assertEquals(
        "cannot use the tokens in "
            + file
            + ": line 1 is not 'read' or 'admin' and the SHA-256 of a token in 64 hexadecimal"
            + " digits",
        e.getMessage());
    write("read " + sha256(READER));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-rw----"));
    e = assertThrows(IOException.class, this::startAgain);
    assertEquals(
        "others than its owner may write " + file + ", and so let themselves in: chmod go-w it",
        e.getMessage());
    Files.delete(file);
    e = assertThrows(IOException.class, this::startAgain);
    assertEquals("there is no file " + file, e.getMessage());
  }

  @Test
  void administrationCanBeLeftToTheUnixSocket() throws IOException {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> ServerConfig.builder().auth(new AuthConfig(Optional.empty(), true)).build());
    assertEquals(
        "tables are to be administered over a Unix socket only, but there is none", e.getMessage());
    ListenConfig both =
        new ListenConfig(
            ListenConfig.at("127.0.0.1", 0).tcp(),
            ListenConfig.at(directory.resolve("s")).unixSocket(),
            1);
    try (CacheServer closed = start(both, new AuthConfig(Optional.of(file), true))) {
      ManagedChannel tcp = NettyChannelBuilder.forAddress(closed.address()).usePlaintext().build();
      assertRefused(
          Status.Code.PERMISSION_DENIED,
          "this server's tables are administered over its Unix socket only",
          () -> administer(tcp, ADMIN));
      tcp.shutdownNow();
      ManagedChannel unix = UnixSocketTest.connect(directory.resolve("s"));
      administer(unix, ADMIN);
      unix.shutdownNow();
    }
  }

  private void startAgain() throws IOException {
    start(ListenConfig.at("127.0.0.1", 0), new AuthConfig(Optional.of(file), false)).close();
  }

  private static CacheServer start(ListenConfig listen, AuthConfig auth) throws IOException {
    ServerConfig config =
        ServerConfig.builder()
            .listen(listen)
            .auth(auth)
            .reload(new ReloadConfig(Duration.ofMillis(5)))
            .build();
    return CacheServer.start(config, Map.of("default", tables.resolve("table")));
  }

  private void write(String tokens) throws IOException {
    Path written = Files.writeString(directory.resolve("written"), tokens);
    Files.setPosixFilePermissions(written, PosixFilePermissions.fromString("rw-r--r--"));
    Files.move(written, file, StandardCopyOption.ATOMIC_MOVE);
  }

  private boolean reads(String token) {
    try {
      read(token);
      return true;
    } catch (StatusRuntimeException e) {
      return false;
    }
  }

  private void read(String token) {
    EmbeddingServiceGrpc.newBlockingStub(with(channel, token))
        .getServerInfo(GetServerInfoRequest.getDefaultInstance());
  }

  private static void administer(Channel channel, String token) {
    TableServiceGrpc.newBlockingStub(with(channel, token))
        .listTables(ListTablesRequest.getDefaultInstance());
  }

  private void reflect(String token) throws Exception {
    CompletableFuture<Void> end = new CompletableFuture<>();
    StreamObserver<ServerReflectionResponse> replies =
        new StreamObserver<>() {
          @Override
          public void onNext(ServerReflectionResponse reply) {}

          @Override
          public void onError(Throwable t) {
            end.completeExceptionally(t);
          }

          @Override
          public void onCompleted() {
            end.complete(null);
          }
        };
    var requests = ServerReflectionGrpc.newStub(with(channel, token)).serverReflectionInfo(replies);
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    requests.onCompleted();
    end.get();
  }

  private static Channel with(Channel channel, String token) {
    Metadata headers = new Metadata();
    headers.put(
        Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER), "bearer " + token);
    return ClientInterceptors.intercept(
        channel, MetadataUtils.newAttachHeadersInterceptor(headers));
  }

  private static void assertRefused(Status.Code code, String sentence, Executable call) {
    Status status = assertThrows(StatusRuntimeException.class, call).getStatus();
    assertEquals(code, status.getCode());
    assertEquals(sentence, status.getDescription());
  }

  private static String sha256(String token) throws Exception {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
  }
}
