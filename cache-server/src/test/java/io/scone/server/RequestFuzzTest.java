package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.scone.fgram.FgramKey;
import io.scone.table.TestTable;
import io.scone.v1.ActivateTableRequest;
import io.scone.v1.DescribeTableRequest;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.LoadTableRequest;
import io.scone.v1.LookupRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.TableSelector;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.UnloadTableRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** Requests that something has written over, sent to a server as bytes: answered, or refused. */
class RequestFuzzTest {
  private static final Set<Status.Code> CALLERS_MISTAKES =
      EnumSet.of(
          Status.Code.INVALID_ARGUMENT,
          Status.Code.NOT_FOUND,
          Status.Code.ALREADY_EXISTS,
          Status.Code.FAILED_PRECONDITION);
  private static final List<MethodDescriptor<?, ?>> ADMINISTRATION =
      List.of(
          TableServiceGrpc.getDescribeTableMethod(),
          TableServiceGrpc.getLoadTableMethod(),
          TableServiceGrpc.getActivateTableMethod(),
          TableServiceGrpc.getUnloadTableMethod());
  private static final TestTable DATA = new TestTable(5, 500, 4);
  private static final int OVERLONG_VARINT = 10;

  private static Path directory;
  private static CacheServer server;
  private static ManagedChannel channel;

  @BeforeContainer
  static void start() throws Exception {
    directory = Files.createTempDirectory("scone-requests");
    DATA.build(directory.resolve("table"));
    server =
        CacheServer.start(
            ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", 0)).build(),
            Map.of("default", directory.resolve("table")));
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  @AfterContainer
  static void stop() throws IOException {
    channel.shutdownNow();
    server.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  @Property(tries = 1500)
  void matches(@ForAll Random random) {
    MatchRequest.Builder request = MatchRequest.newBuilder().setSelector(selector(random));
    int windows = 1 + random.nextInt(3);
    for (int i = 0; i < windows; i++) {
      int length = random.nextInt(30);
      for (int token : DATA.text(random, length)) {
        request.addTokens(token);
      }
      request.addWindowLengths(length).addContextLengths(random.nextInt(length + 1));
    }
    send(EmbeddingServiceGrpc.getMatchMethod(), damaged(request.build(), random));
    Message streamed = StreamMatchRequest.newBuilder().setRequest(request).build();
    send(EmbeddingServiceGrpc.getStreamMatchMethod(), damaged(streamed, random));
  }

  @Property(tries = 1500)
  void lookups(@ForAll Random random) {
    LookupRequest.Builder request = LookupRequest.newBuilder().setSelector(selector(random));
    for (byte[] key : DATA.rows().keySet().stream().limit(1 + random.nextInt(5)).toList()) {
      int[] tokens = FgramKey.decode(key);
      Arrays.stream(tokens).forEach(request::addTokens);
      request.addLengths(tokens.length);
    }
    send(EmbeddingServiceGrpc.getLookupMethod(), damaged(request.build(), random));
    send(EmbeddingServiceGrpc.getContainsMethod(), damaged(request.build(), random));
  }

  /** Whatever is done to the tables, the one that serves stays: it is active. */
  @Property(tries = 500)
  void administration(@ForAll Random random) {
    String version = server.tables().get(0).getVersion().getVersion();
    String name = random.nextBoolean() ? "default" : "";
    String path = directory.resolve("table").toString();
    MethodDescriptor<?, ?> method = ADMINISTRATION.get(random.nextInt(ADMINISTRATION.size()));
    Message request =
        switch (method.getBareMethodName()) {
          case "DescribeTable" ->
              DescribeTableRequest.newBuilder().setTable(name).setVersion(version).build();
          case "LoadTable" ->
              LoadTableRequest.newBuilder().setTable(name).setDirectory(path).build();
          case "ActivateTable" ->
              ActivateTableRequest.newBuilder().setTable(name).setVersion(version).build();
          default -> UnloadTableRequest.newBuilder().setTable(name).setVersion(version).build();
        };
    send(method, damaged(request, random));
    assertEquals(version, server.tables().get(0).getVersion().getVersion());
  }

  private static TableSelector selector(Random random) {
    TableSelector.Builder selector = TableSelector.newBuilder();
    if (random.nextBoolean()) {
      selector.setTable("default");
    }
    if (random.nextInt(4) == 0) {
      selector.setModelFingerprint(TestTable.MODEL);
    }
    return selector.build();
  }

  private static byte[] damaged(Message request, Random random) {
    byte[] bytes = request.toByteArray();
    for (int i = random.nextInt(4); i >= 0; i--) {
      int at = random.nextInt(random.nextBoolean() ? Math.min(8, bytes.length) : bytes.length);
      switch (random.nextInt(5)) {
        case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 1 -> bytes[at] = (byte) random.nextInt(256);
        case 2 -> bytes = Arrays.copyOf(bytes, 1 + at);
        case 3 -> bytes = Arrays.copyOf(bytes, bytes.length + 1 + random.nextInt(20));
        default -> Arrays.fill(bytes, at, Math.min(bytes.length, at + OVERLONG_VARINT), (byte) -1);
      }
    }
    return bytes;
  }

  /**
   * Sends bytes as a request; the server may refuse them, as the caller's mistake, but not fail.
   */
  private static void send(MethodDescriptor<?, ?> method, byte[] request) {
    MethodDescriptor<byte[], byte[]> raw =
        MethodDescriptor.newBuilder(new Raw(), new Raw())
            .setType(method.getType())
            .setFullMethodName(method.getFullMethodName())
            .build();
    CallOptions options = CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS);
    ClientCall<byte[], byte[]> call = channel.newCall(raw, options);
    CompletableFuture<Optional<StatusRuntimeException>> ended = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            ended.complete(
                status.isOk()
                    ? Optional.empty()
                    : Optional.of(status.asRuntimeException(trailers)));
          }
        },
        new Metadata());
    call.request(2);
    call.sendMessage(request);
    call.halfClose();
    ended
        .join()
        .ifPresent(
            e -> {
              assertTrue(CALLERS_MISTAKES.contains(e.getStatus().getCode()), e::toString);
              assertTrue(StatusProto.fromThrowable(e).getDetailsCount() > 0, e::toString); // why
              assertEquals(1, e.getMessage().lines().count(), e::toString);
            });
  }

  private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
    @Override
    public InputStream stream(byte[] message) {
      return new ByteArrayInputStream(message);
    }

    @Override
    public byte[] parse(InputStream stream) {
      try {
        return stream.readAllBytes();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
