package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import io.scone.fgram.FgramKey;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.LookupRequest;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server under too much load lets in, refuses and gives back. */
class AdmissionTest {
  private static final int DIM = 2048;
  private static final int ROW_BYTES = DIM * Float.BYTES;
  private static final int ROWS_OF_A_BIG_REPLY = 1000;
  private static final long BIG_REPLY = ROWS_OF_A_BIG_REPLY * (long) ROW_BYTES;
  private static final TestTable DATA = new TestTable(41, 200, DIM);

  @TempDir private static Path temporary;
  private static LookupRequest bigLookup;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private CacheServer server;

  @BeforeAll
  static void build() throws Exception {
    DATA.build(temporary.resolve("table"));
    int[] fgram = FgramKey.decode(DATA.rows().keySet().iterator().next());
    LookupRequest.Builder lookup = LookupRequest.newBuilder();
    for (int i = 0; i < ROWS_OF_A_BIG_REPLY; i++) {
      for (int token : fgram) {
        lookup.addTokens(token);
      }
      lookup.addLengths(fgram.length);
    }
    bigLookup = lookup.build();
  }

  private void start(int requests, int perConnection, long bytes, long bytesPerConnection)
      throws Exception {
    AdmissionConfig admission =
        new AdmissionConfig(
            requests, perConnection, bytes, bytesPerConnection, Duration.ofMillis(40));
    server =
        CacheServer.start(
            ServerConfig.builder()
                .listen(ListenConfig.at("127.0.0.1", 0))
                .limits(new RequestLimits(1 << 16, 1 << 14, 64L << 20, 20_000, 256))
                .admission(admission)
                .drain(new DrainConfig(Duration.ZERO, Duration.ZERO))
                .build(),
            Map.of("default", temporary.resolve("table")));
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    if (server != null) {
      server.close();
    }
  }

  @Test
  void aRequestOverTheLimitIsRefusedAtOnceWithTheTimeToComeBack() throws Exception {
    start(4, 3, 1 << 20, 1 << 20);
    ManagedChannel one = connect();
    ManagedChannel other = connect();
    List<OpenStream> held = List.of(open(one), open(one), open(one), open(other));
    assertEquals(4, server.inFlight().requests());
    assertRefused(
        assertThrows(StatusRuntimeException.class, () -> match(one)),
        LoadLimit.MAX_REQUESTS_IN_FLIGHT_PER_CONNECTION,
        3);
    assertRefused(
        assertThrows(StatusRuntimeException.class, () -> match(other)),
        LoadLimit.MAX_REQUESTS_IN_FLIGHT,
        4);
    assertEquals(
        4,
        EmbeddingServiceGrpc.newBlockingStub(other)
            .getServerInfo(GetServerInfoRequest.getDefaultInstance())
            .getLimits()
            .getMaxRequestsInFlight());
    held.get(3).end();
    awaitInFlight(3);
    match(other);
    held.subList(0, 3).forEach(OpenStream::end);
    awaitNothingInFlight();
  }

  @Test
  void twoHundredClientsAtOnceGetTheRightRowsOrAreRefusedAndAfterwardsAllAreServed()
      throws Exception {
    start(8, 8, 64 << 20, 64 << 20);
    List<ManagedChannel> clients = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      clients.add(connect());
    }
    ByteString expected = expectedRows();
    AtomicInteger right = new AtomicInteger();
    AtomicInteger refused = new AtomicInteger();
    List<CompletableFuture<Void>> ends = new ArrayList<>();
    for (int client = 0; client < 200; client++) {
      ManagedChannel channel = clients.get(client % clients.size());
      for (int call = 0; call < 3; call++) {
        ends.add(
            reply(channel)
                .handle(
                    (reply, failure) -> {
                      if (failure == null) {
                        assertEquals(expected, reply.getRows());
                        right.incrementAndGet();
                      } else {
                        assertEquals(
                            Status.Code.RESOURCE_EXHAUSTED,
                            Status.fromThrowable(failure).getCode());
                        refused.incrementAndGet();
                      }
                      return null;
                    }));
      }
    }
    for (CompletableFuture<Void> end : ends) {
      end.get(60, TimeUnit.SECONDS);
    }
    assertTrue(right.get() > 0);
    assertTrue(refused.get() > 0, "600 calls at once, each of 8 MB, all fitted into 8");
    awaitNothingInFlight();
    for (ManagedChannel client : clients) {
      match(client);
    }
  }

  @Test
  void aClientThatStopsReadingFillsItsShareOfMemoryAndDisturbsNobody() throws Exception {
    long share = 2 * BIG_REPLY + BIG_REPLY / 2;
    start(64, 32, 10 * BIG_REPLY, share);
    ManagedChannel slow = connect();
    List<ClientCall<LookupRequest, LookupResponse>> unread = new ArrayList<>();
    List<CompletableFuture<Status>> ends = new ArrayList<>();
    for (int i = 0; i < 13; i++) { // more than 100 MB of replies
      CompletableFuture<Status> end = new CompletableFuture<>();
      ClientCall<LookupRequest, LookupResponse> call = lookupWithoutReading(slow, end);
      unread.add(call);
      ends.add(end);
    }
    // Two replies are held for it; each of the others is refused.
    await(() -> ends.stream().filter(CompletableFuture::isDone).count() == ends.size() - 2);
    for (CompletableFuture<Status> end : ends) {
      assertEquals(
          Status.Code.RESOURCE_EXHAUSTED,
          end.getNow(Status.RESOURCE_EXHAUSTED).getCode(),
          () -> end.join().toString());
    }
    assertEquals(2, server.inFlight().requests());
    long inFlight = server.inFlight().bytes();
    assertTrue(inFlight >= 2 * BIG_REPLY && inFlight <= share, inFlight + " bytes in flight");
    assertTrue(server.bufferBytes() <= share + (8 << 20), server.bufferBytes() + " bytes");

    ManagedChannel other = connect();
    for (int i = 0; i < 5; i++) {
      assertEquals(expectedRows(), reply(other).get(20, TimeUnit.SECONDS).getRows());
    }
    unread.forEach(call -> call.request(1)); // it reads on: both replies are whole
    for (CompletableFuture<Status> end : ends) {
      end.get(20, TimeUnit.SECONDS);
    }
    assertEquals(2, ends.stream().filter(end -> end.join().isOk()).count());
    awaitNothingInFlight();
    assertTrue(server.bufferBytes() < BIG_REPLY, server.bufferBytes() + " bytes");
  }

  @Test
  void eachReplyOfAStreamCountsUntilItIsWritten() throws Exception {
    start(64, 64, 1 << 20, 1 << 20);
    OpenStream stream = open(connect());
    for (int i = 0; i < 400; i++) { // ten times what may be in flight, one after another
      stream.exchange();
    }
    assertTrue(server.inFlight().bytes() <= 1 << 20);
    stream.end();
    awaitNothingInFlight();
  }

  @Test
  void howeverCallsEndNothingStaysCounted() throws Exception {
    start(32, 16, 12 * BIG_REPLY, 6 * BIG_REPLY);
    Random random = new Random(6);
    List<CompletableFuture<Status>> ends = new ArrayList<>();
    for (int round = 0; round < 12; round++) {
      ManagedChannel channel = connect();
      for (int i = 0; i < 12; i++) {
        CompletableFuture<Status> end = new CompletableFuture<>();
        ends.add(end);
        switch (random.nextInt(5)) {
          case 0 -> {
            lookupWithoutReading(channel, end).request(1);
          }
          case 1 -> lookupWithoutReading(channel, end).cancel("no longer wanted", null);
          case 2 -> {
            ClientCall<LookupRequest, LookupResponse> call = lookupWithoutReading(channel, end);
            await(() -> end.isDone() || server.inFlight().bytes() > 0);
            call.cancel("no longer wanted", null);
          }
          case 3 ->
              call(
                  channel,
                  CallOptions.DEFAULT.withDeadlineAfter(
                      random.nextInt(5000), TimeUnit.MICROSECONDS),
                  bigLookup,
                  end);
          default ->
              call(
                  channel,
                  CallOptions.DEFAULT,
                  LookupRequest.newBuilder().addLengths(1).build(), // malformed
                  end);
        }
      }
      if (random.nextBoolean()) {
        channel.shutdownNow(); // the connection drops with calls on it
      }
    }
    for (ManagedChannel channel : channels) {
      channel.shutdownNow();
    }
    for (CompletableFuture<Status> end : ends) {
      end.get(20, TimeUnit.SECONDS);
    }
    awaitNothingInFlight();
    assertEquals(expectedRows(), reply(connect()).get(20, TimeUnit.SECONDS).getRows());
  }

  @Test
  void aRequestTwiceTheLimitIsToldTheLimit() throws Exception {
    start(8, 8, 1 << 20, 1 << 20);
    MatchRequest request = EmbeddingServiceTest.tokens(40_000);
    for (String compressor : List.of("identity", "gzip")) {
      Status status =
          assertThrows(
                  StatusRuntimeException.class,
                  () ->
                      EmbeddingServiceGrpc.newBlockingStub(connect())
                          .withCompression(compressor)
                          .match(request))
              .getStatus();
      assertEquals(Status.Code.INVALID_ARGUMENT, status.getCode(), status::toString);
      String sentence =
          "the request takes (40004|20001) bytes; the limit max_request_bytes is 20000";
      assertTrue(status.getDescription().matches(sentence), status::toString);
    }
    awaitNothingInFlight();
  }

  @Test
  void aRequestThatIsNoProtobufIsToldSo() throws Exception {
    start(8, 8, 1 << 20, 1 << 20);
    MethodDescriptor<InputStream, InputStream> raw =
        MethodDescriptor.newBuilder(new Raw(), new Raw())
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName(EmbeddingServiceGrpc.getMatchMethod().getFullMethodName())
            .build();
    Random random = new Random(9);
    for (int i = 0; i < 100; i++) {
      byte[] garbage = new byte[1 + random.nextInt(300)];
      random.nextBytes(garbage);
      garbage[0] = 0x12; // the tokens, of a length beyond the message
      if (garbage.length > 1) {
        garbage[1] = -1;
      }
      StatusRuntimeException e =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  ClientCalls.blockingUnaryCall(
                      connect(), raw, CallOptions.DEFAULT, new ByteArrayInputStream(garbage)));
      assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode(), e::toString);
    }
    awaitNothingInFlight();
  }

  private ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(server.address())
            .usePlaintext()
            .maxInboundMessageSize(64 << 20)
            .disableRetry()
            .build();
    channels.add(channel);
    return channel;
  }

  private static void match(ManagedChannel channel) {
    MatchRequest request = EmbeddingServiceTest.tokens(5);
    EmbeddingServiceGrpc.newBlockingStub(channel).match(request);
  }

  private static CompletableFuture<LookupResponse> reply(ManagedChannel channel) {
    CompletableFuture<LookupResponse> reply = new CompletableFuture<>();
    ClientCalls.asyncUnaryCall(
        channel.newCall(EmbeddingServiceGrpc.getLookupMethod(), CallOptions.DEFAULT),
        bigLookup,
        new StreamObserver<LookupResponse>() {
          @Override
          public void onNext(LookupResponse value) {
            reply.complete(value);
          }

          @Override
          public void onError(Throwable t) {
            reply.completeExceptionally(t);
          }

          @Override
          public void onCompleted() {}
        });
    return reply;
  }

  private static ByteString expectedRows() {
    byte[] row = DATA.rows().values().iterator().next();
    byte[] rows = new byte[ROWS_OF_A_BIG_REPLY * ROW_BYTES];
    for (int i = 0; i < ROWS_OF_A_BIG_REPLY; i++) {
      System.arraycopy(row, 0, rows, i * ROW_BYTES, ROW_BYTES);
    }
    return ByteString.copyFrom(rows);
  }

  private static ClientCall<LookupRequest, LookupResponse> lookupWithoutReading(
      ManagedChannel channel, CompletableFuture<Status> end) {
    return call(channel, CallOptions.DEFAULT, bigLookup, end);
  }

  /** Sends a request and takes no reply until told to. */
  private static ClientCall<LookupRequest, LookupResponse> call(
      ManagedChannel channel,
      CallOptions options,
      LookupRequest request,
      CompletableFuture<Status> end) {
    ClientCall<LookupRequest, LookupResponse> call =
        channel.newCall(EmbeddingServiceGrpc.getLookupMethod(), options);
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onClose(Status status, Metadata trailers) {
            end.complete(status);
          }
        },
        new Metadata());
    call.sendMessage(request);
    call.halfClose();
    return call;
  }

  private static OpenStream open(ManagedChannel channel) throws InterruptedException {
    OpenStream stream = new OpenStream(channel);
    stream.exchange();
    return stream;
  }

  private void awaitNothingInFlight() throws InterruptedException {
    awaitInFlight(0);
    assertEquals(0, server.inFlight().bytes());
  }

  /** Waits for what the server learns a moment after the client: that a call has ended. */
  private void awaitInFlight(int requests) throws InterruptedException {
    await(() -> server.inFlight().requests() == requests);
    assertEquals(requests, server.inFlight().requests());
  }

  static void await(BooleanSupplier condition) throws InterruptedException {
    for (int i = 0; i < 2000 && !condition.getAsBoolean(); i++) {
      Thread.sleep(10);
    }
    assertTrue(condition.getAsBoolean(), "waited in vain");
  }

  static void assertRefused(Throwable failure, LoadLimit limit, long value) {
    Status status = Status.fromThrowable(failure);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, status.getCode(), status::toString);
    assertEquals(
        "the server is at its limit " + limit.fieldName() + " of " + value + "; ask again later",
        status.getDescription());
    ErrorInfo info = detail(failure, ErrorInfo.class);
    assertEquals("OVERLOADED", info.getReason());
    assertEquals(
        Map.of("limit", limit.fieldName(), "value", Long.toString(value)), info.getMetadataMap());
    com.google.protobuf.Duration delay = detail(failure, RetryInfo.class).getRetryDelay();
    long millis = TimeUnit.NANOSECONDS.toMillis(delay.getNanos());
    assertTrue(delay.getSeconds() == 0 && millis >= 20 && millis <= 60, delay::toString);
    assertEquals(
        Long.toString(millis),
        Status.trailersFromThrowable(failure)
            .get(Metadata.Key.of("grpc-retry-pushback-ms", Metadata.ASCII_STRING_MARSHALLER)));
  }

  private static <T extends Message> T detail(Throwable failure, Class<T> type) {
    return StatusProto.fromThrowable(failure).getDetailsList().stream()
        .filter(any -> any.is(type))
        .map(
            any -> {
              try {
                return any.unpack(type);
              } catch (com.google.protobuf.InvalidProtocolBufferException e) {
                throw new AssertionError(e);
              }
            })
        .findFirst()
        .orElseThrow();
  }

  /** A stream of matches that stays open between its requests. */
  private static final class OpenStream implements StreamObserver<StreamMatchResponse> {
    private final BlockingQueue<StreamMatchResponse> replies = new LinkedBlockingQueue<>();
    private final StreamObserver<StreamMatchRequest> requests;

    OpenStream(ManagedChannel channel) {
      requests = EmbeddingServiceGrpc.newStub(channel).streamMatch(this);
    }

    void exchange() throws InterruptedException {
      int[] text = DATA.text(new Random(3), 40);
      MatchRequest.Builder match = MatchRequest.newBuilder();
      for (int token : text) {
        match.addTokens(token);
      }
      requests.onNext(StreamMatchRequest.newBuilder().setRequest(match).build());
      assertTrue(replies.poll(20, TimeUnit.SECONDS) != null, "there is no reply");
    }

    void end() {
      requests.onCompleted();
    }

    @Override
    public void onNext(StreamMatchResponse reply) {
      replies.add(reply);
    }

    @Override
    public void onError(Throwable t) {}

    @Override
    public void onCompleted() {}
  }

  private static final class Raw implements MethodDescriptor.Marshaller<InputStream> {
    @Override
    public InputStream stream(InputStream message) {
      return message;
    }

    @Override
    public InputStream parse(InputStream stream) {
      return stream;
    }
  }
}
