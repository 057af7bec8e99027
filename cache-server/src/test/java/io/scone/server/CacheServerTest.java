package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.reflection.v1.ServiceResponse;
import io.grpc.stub.StreamObserver;
import io.scone.fgram.FgramKey;
import io.scone.manifest.TableManifest;
import io.scone.table.DamagedTableException;
import io.scone.table.TestTable;
import io.scone.v1.DescribeTableRequest;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.GetServerInfoResponse;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.LookupRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import io.scone.v1.TableInfo;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.TableState;
import io.scone.v1.TableStatus;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CacheServerTest {
  private final TestTable data = new TestTable(31, 3000, 16);

  @TempDir private Path temporary;
  private Path directory;
  private TableManifest manifest;
  private CacheServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws IOException {
    directory = temporary.resolve("table");
    manifest = data.build(directory);
    start(Map.of("default", directory), Duration.ofSeconds(20));
  }

  private void start(Map<String, Path> tables, Duration drainTimeout) throws IOException {
    stop();
    server =
        CacheServer.start(
            anyPort().drain(new DrainConfig(Duration.ZERO, drainTimeout)).build(), tables);
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    if (server != null) {
      channel.shutdownNow();
      server.close();
    }
  }

  @Test
  void serverInfoDescribesTablesAndLimits() {
    GetServerInfoResponse info =
        EmbeddingServiceGrpc.newBlockingStub(channel)
            .getServerInfo(GetServerInfoRequest.getDefaultInstance());
    TableInfo table = info.getTables(0);
    assertEquals("default", table.getVersion().getTable());
    assertEquals(manifest.contentFingerprint(), table.getVersion().getVersion());
    assertEquals(manifest.modelFingerprint(), table.getVersion().getModelFingerprint());
    assertEquals(manifest.tokenizerFingerprint(), table.getTokenizerFingerprint());
    assertEquals(manifest.vocabularySize(), table.getVocabularySize());
    assertEquals(manifest.maxNgram(), table.getMaxNgram());
    assertEquals(manifest.rowCount(), table.getRowCount());
    assertEquals(manifest.rowCountsByLength(), table.getRowCountsByLengthList());
    assertEquals(ServerConfig.defaults().advertisedLimits(), info.getLimits());
    assertFalse(info.getServerVersion().isEmpty());
  }

  @Test
  void severalTablesAreServedByNameAndTheFirstIsTheDefault() throws IOException {
    new TestTable(32, 100, 16).build(temporary.resolve("other"));
    Map<String, Path> tables = new LinkedHashMap<>();
    tables.put("other", temporary.resolve("other"));
    tables.put("wiki", directory);
    start(tables, Duration.ofSeconds(20));
    var admin = TableServiceGrpc.newBlockingStub(channel);
    List<TableStatus> listed =
        admin.listTables(ListTablesRequest.getDefaultInstance()).getTablesList();
    assertEquals(server.tables(), listed.stream().map(TableStatus::getInfo).toList());
    assertEquals(TableState.TABLE_STATE_ACTIVE, listed.get(0).getState());
    assertEquals(
        "other",
        admin
            .describeTable(DescribeTableRequest.getDefaultInstance())
            .getTable()
            .getInfo()
            .getVersion()
            .getTable());
    DescribeTableRequest.Builder wiki = DescribeTableRequest.newBuilder().setTable("wiki");
    assertEquals(directory.toString(), admin.describeTable(wiki.build()).getTable().getDirectory());
    assertStatus(
        Status.Code.NOT_FOUND, () -> admin.describeTable(wiki.setVersion("sha256:0").build()));
  }

  @Test
  void healthAndReflectionAreServed() throws Exception {
    for (String service : List.of("", "scone.v1.EmbeddingService", "scone.v1.TableService")) {
      assertEquals(
          ServingStatus.SERVING,
          HealthGrpc.newBlockingStub(channel)
              .check(HealthCheckRequest.newBuilder().setService(service).build())
              .getStatus());
    }
    Replies<ServerReflectionResponse> replies = new Replies<>();
    var requests = ServerReflectionGrpc.newStub(channel).serverReflectionInfo(replies);
    requests.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
    assertTrue(
        replies.next().getListServicesResponse().getServiceList().stream()
            .map(ServiceResponse::getName)
            .toList()
            .containsAll(List.of("scone.v1.EmbeddingService", "scone.v1.TableService")));
    requests.onNext(
        ServerReflectionRequest.newBuilder()
            .setFileContainingSymbol("scone.v1.EmbeddingService")
            .build());
    assertTrue(replies.next().getFileDescriptorResponse().getFileDescriptorProtoCount() > 0);
    requests.onCompleted();
  }

  @Test
  void aPortThatIsTakenIsOneClearSentence() throws IOException {
    try (ServerSocket other = new ServerSocket(0)) {
      int port = other.getLocalPort();
      IOException e =
          assertThrows(
              IOException.class,
              () ->
                  CacheServer.start(
                      ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", port)).build(),
                      Map.of("default", directory)));
      assertEquals(
          "cannot listen on 127.0.0.1:"
              + port
              + ": another program has that port; stop it or choose another port",
          e.getMessage());
    }
  }

  @Test
  void aDamagedTableIsNotServed() throws IOException {
    flip(rowFile(), 5000);
    DamagedTableException e =
        assertThrows(
            DamagedTableException.class,
            () -> CacheServer.start(anyPort().build(), Map.of("default", directory)));
    assertTrue(e.getMessage().startsWith("table " + directory + " is damaged: "));
  }

  @Test
  void rowsDamagedWhileServedAreDataLossAndNeverReachTheCaller() throws Exception {
    List<byte[]> keys = List.copyOf(data.rows().keySet());
    LookupRequest.Builder lookup = LookupRequest.newBuilder();
    MatchRequest.Builder match = MatchRequest.newBuilder();
    for (byte[] key : keys) {
      int[] fgram = FgramKey.decode(key);
      for (int token : fgram) {
        lookup.addTokens(token);
        match.addTokens(token);
      }
      lookup.addLengths(fgram.length);
      match.addWindowLengths(fgram.length).addContextLengths(fgram.length - 1);
    }
    // In the middle of the reply: many rows before it are already on their way.
    flip(rowFile(), Files.size(rowFile()) / 2);
    var blocking = EmbeddingServiceGrpc.newBlockingStub(channel);
    assertDamage(assertThrows(StatusRuntimeException.class, () -> blocking.lookup(lookup.build())));
    Replies<MatchResponse> replies = new Replies<>();
    EmbeddingServiceGrpc.newStub(channel).match(match.build(), replies);
    assertDamage(replies.failure());
    assertTrue(replies.received.isEmpty());

    Replies<StreamMatchResponse> streamed = new Replies<>();
    var requests = EmbeddingServiceGrpc.newStub(channel).streamMatch(streamed);
    MatchRequest.Builder intact = MatchRequest.newBuilder();
    for (int token : FgramKey.decode(keys.get(0))) {
      intact.addTokens(token);
    }
    requests.onNext(StreamMatchRequest.newBuilder().setRequest(intact).build());
    assertTrue(streamed.next().getResponse().getPositionsCount() > 0);
    requests.onNext(StreamMatchRequest.newBuilder().setRequest(match).build());
    assertDamage(streamed.failure());
    assertTrue(streamed.received.isEmpty());
    assertTrue(blocking.match(intact.build()).getPositionsCount() > 0);
  }

  @Test
  void closingTurnsHealthOffAndLetsCallsUnderWayEnd() throws Exception {
    Replies<HealthCheckResponse> health = new Replies<>();
    HealthGrpc.newStub(channel).watch(HealthCheckRequest.getDefaultInstance(), health);
    assertEquals(ServingStatus.SERVING, health.next().getStatus());
    Replies<StreamMatchResponse> replies = new Replies<>();
    var requests = EmbeddingServiceGrpc.newStub(channel).streamMatch(replies);
    MatchRequest match = EmbeddingServiceTest.tokens(10);
    requests.onNext(StreamMatchRequest.newBuilder().setRequest(match).build());
    replies.next();

    CompletableFuture<Void> closing = CompletableFuture.runAsync(server::close);
    assertEquals(ServingStatus.NOT_SERVING, health.next().getStatus());
    requests.onNext(StreamMatchRequest.newBuilder().setRequest(match).build());
    replies.next();
    assertFalse(closing.isDone());
    requests.onCompleted();
    replies.completed();
    assertEquals(
        "UNAVAILABLE: the server is stopping",
        Status.fromThrowable(health.failure()).getCode()
            + ": "
            + Status.fromThrowable(health.failure()).getDescription());
    closing.get(20, TimeUnit.SECONDS);
    server.awaitTermination();
  }

  @Test
  void callsThatOutlastTheDrainTimeoutAreCancelled() throws Exception {
    start(Map.of("default", directory), Duration.ofMillis(100));
    Replies<StreamMatchResponse> replies = new Replies<>();
    var requests = EmbeddingServiceGrpc.newStub(channel).streamMatch(replies);
    requests.onNext(
        StreamMatchRequest.newBuilder().setRequest(EmbeddingServiceTest.tokens(10)).build());
    replies.next();
    server.close();
    assertEquals(Status.Code.CANCELLED, Status.fromThrowable(replies.failure()).getCode());
  }

  private static ServerConfig.Builder anyPort() {
    return ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", 0));
  }

  private void assertDamage(Throwable t) {
    Status status = Status.fromThrowable(t);
    assertEquals(Status.Code.DATA_LOSS, status.getCode(), status::toString);
    assertTrue(status.getDescription().startsWith("table " + directory + " is damaged: "));
  }

  private static void assertStatus(
      Status.Code code, org.junit.jupiter.api.function.Executable call) {
    assertEquals(code, assertThrows(StatusRuntimeException.class, call).getStatus().getCode());
  }

  private Path rowFile() throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve("rows"))) {
      return files.filter(f -> f.toString().endsWith(".sst")).findFirst().orElseThrow();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile f = new RandomAccessFile(file.toFile(), "rw")) {
      f.seek(at);
      int value = f.read();
      f.seek(at);
      f.write(value ^ 0x10);
    }
  }

  /** Collects what a call answers, for the test's thread to take. */
  private static final class Replies<T> implements StreamObserver<T> {
    final BlockingQueue<T> received = new ArrayBlockingQueue<>(100);
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    T next() throws InterruptedException {
      T reply = received.poll(20, TimeUnit.SECONDS);
      assertTrue(reply != null, "there is no reply");
      return reply;
    }

    void completed() throws Exception {
      end.get(20, TimeUnit.SECONDS);
    }

    Throwable failure() {
      return assertThrows(
              java.util.concurrent.ExecutionException.class, () -> end.get(20, TimeUnit.SECONDS))
          .getCause();
    }

    @Override
    public void onNext(T reply) {
      received.add(reply);
    }

    @Override
    public void onError(Throwable t) {
      end.completeExceptionally(t);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }
}
