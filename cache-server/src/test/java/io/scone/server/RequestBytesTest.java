package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What requests that are under way count of the bytes in flight. */
class RequestBytesTest {
  private static final TestTable DATA = new TestTable(43, 200, 16);
  private static final MatchRequest LARGE = EmbeddingServiceTest.tokens(10_000);
  private static final long LARGE_BYTES = LARGE.getSerializedSize();
  private static final int READ_MILLIS = 30_000;

  @TempDir private static Path temporary;
  private final List<ManagedChannel> channels = new ArrayList<>();
  private CacheServer server;

  @BeforeAll
  static void build() throws IOException {
    DATA.build(temporary.resolve("table"));
  }

  private void start(long bytes, long bytesPerConnection) throws IOException {
    server =
        CacheServer.start(
            ServerConfig.builder()
                .listen(ListenConfig.at("127.0.0.1", 0))
                .admission(
                    new AdmissionConfig(
                        1024, 1024, bytes, bytesPerConnection, Duration.ofMillis(40)))
                .drain(new DrainConfig(Duration.ZERO, Duration.ZERO))
                .build(),
            Map.of("default", temporary.resolve("table")));
  }

  @AfterEach
  void stop() {
    channels.forEach(ManagedChannel::shutdownNow);
    server.close();
  }

  @Test
  void requestsThatTheirClientsDoNotEndFillTheirShareAndNoMore() throws Exception {
    long share = 2 * LARGE_BYTES + LARGE_BYTES / 2;
    long most = 5 * LARGE_BYTES + LARGE_BYTES / 2;
    start(most, share);
    List<Call<MatchRequest, MatchResponse>> held = new ArrayList<>();
    for (int connection = 0; connection < 4; connection++) {
      ManagedChannel channel = connect();
      int room = connection < 2 ? 2 : connection == 2 ? 1 : 0;
      for (int i = 0; i < 20; i++) {
        Call<MatchRequest, MatchResponse> call = match(channel, "identity");
        call.send(LARGE);
        if (i < room) {
          held.add(call);
          awaitBytes(held.size() * LARGE_BYTES);
        } else if (connection < 2) {
          call.assertRefused(LoadLimit.MAX_BYTES_IN_FLIGHT_PER_CONNECTION, share);
        } else {
          call.assertRefused(LoadLimit.MAX_BYTES_IN_FLIGHT, most);
        }
      }
    }
    awaitBytes(5 * LARGE_BYTES);
    held.forEach(call -> call.cancel());
    awaitNothingInFlight();
    assertTrue(served(LARGE).isOk());
  }

  @Test
  void aRequestCountsByWhatItHoldsOnceItIsTakenApart() throws Exception {
    long most = LARGE_BYTES * RequestGuard.BYTES_TAKEN_APART + 500;
    start(most, most);
    Call<MatchRequest, MatchResponse> held = match(connect(), "identity");
    held.send(EmbeddingServiceTest.tokens(1000));
    AdmissionTest.await(() -> server.inFlight().bytes() >= 1000);
    for (String compressor : List.of("identity", "gzip")) {
      Call<MatchRequest, MatchResponse> call = match(connect(), compressor);
      call.send(LARGE);
      call.end();
      call.assertRefused(LoadLimit.MAX_BYTES_IN_FLIGHT, most);
    }
    held.end();
    assertTrue(held.ended().isOk());
    awaitNothingInFlight();
  }

  @Test
  void aMessageCountsAsItArrivesAndIsRefusedInItsMiddle() throws Exception {
    start(50_000, 30_000);
    try (Socket socket = new Socket(server.address().getAddress(), server.address().getPort())) {
      socket.setSoTimeout(READ_MILLIS);
      socket.getOutputStream().write(RawHttp2.joined(RawHttp2.PREFACE, RawHttp2.SETTINGS));
      // One after another: each call begins to read on a thread of its own, in no order.
      beginMessage(socket, 1);
      awaitBytes(15_000);
      beginMessage(socket, 3);
      awaitBytes(30_000);
      beginMessage(socket, 5);
      assertEquals(5, endedCall(socket));
      awaitInFlight(2);
      awaitBytes(30_000);
      assertTrue(
          served(EmbeddingServiceTest.tokens(1000)).isOk()); // the others' share is their own
    }
    awaitNothingInFlight();
  }

  @Test
  void aRequestThatIsAloneIsServedHoweverLargeItIs() throws Exception {
    start(1000, 1000);
    assertTrue(served(LARGE).isOk());
    awaitNothingInFlight();
    Call<StreamMatchRequest, StreamMatchResponse> stream = stream(connect());
    for (int i = 0; i < 3; i++) {
      stream.send(StreamMatchRequest.newBuilder().setRequest(LARGE).build());
      stream.reply();
    }
    stream.end();
    assertTrue(stream.ended().isOk());
    awaitNothingInFlight();
  }

  @Test
  void aRequestOfAStreamCountsWhileItWaitsForAThreadAndUntilItIsAnswered() throws Exception {
    start(15_000, 15_000);
    ManagedChannel channel = connect();
    StreamMatchRequest small =
        StreamMatchRequest.newBuilder().setRequest(EmbeddingServiceTest.tokens(5)).build();
    StreamMatchRequest large = StreamMatchRequest.newBuilder().setRequest(LARGE).build();
    Call<StreamMatchRequest, StreamMatchResponse> first = stream(channel);
    Call<StreamMatchRequest, StreamMatchResponse> second = stream(channel);
    for (var stream : List.of(first, second)) {
      stream.send(small);
      stream.reply();
      awaitBytes(0);
    }
    CountDownLatch busy = new CountDownLatch(1);
    for (int i = 0; i < server.readers().getMaximumPoolSize(); i++) {
      server.readers().execute(() -> awaitUninterruptibly(busy));
    }
    first.send(large);
    awaitBytes(large.getSerializedSize());
    second.send(large); // refused by the event loop: no thread is free
    second.assertRefused(LoadLimit.MAX_BYTES_IN_FLIGHT_PER_CONNECTION, 15_000);
    awaitBytes(large.getSerializedSize());
    assertFalse(first.isEnded());
    busy.countDown();
    first.reply();
    awaitBytes(0);
    first.send(small);
    first.reply();
    first.end();
    assertTrue(first.ended().isOk());
    awaitNothingInFlight();
  }

  private ManagedChannel connect() {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(server.address()).usePlaintext().disableRetry().build();
    channels.add(channel);
    return channel;
  }

  /** Sends a call's head and the first 15,000 bytes of a message that is longer. */
  private static void beginMessage(Socket socket, int call) throws IOException {
    socket
        .getOutputStream()
        .write(
            RawHttp2.joined(
                RawHttp2.call(call), RawHttp2.beginningOfMessage(call, 1 << 20, 15_000)));
  }

  private Status served(MatchRequest request) throws Exception {
    Call<MatchRequest, MatchResponse> call = match(connect(), "identity");
    call.send(request);
    call.end();
    return call.ended();
  }

  private static Call<MatchRequest, MatchResponse> match(
      ManagedChannel channel, String compressor) {
    MethodDescriptor<MatchRequest, MatchResponse> match =
        EmbeddingServiceGrpc.getMatchMethod().toBuilder()
            .setType(MethodDescriptor.MethodType.BIDI_STREAMING) // sent before it is ended
            .build();
    return new Call<>(channel, match, compressor);
  }

  private static Call<StreamMatchRequest, StreamMatchResponse> stream(ManagedChannel channel) {
    return new Call<>(channel, EmbeddingServiceGrpc.getStreamMatchMethod(), "identity");
  }

  private void awaitBytes(long bytes) throws InterruptedException {
    for (int i = 0; i < 2000 && server.inFlight().bytes() != bytes; i++) {
      Thread.sleep(10);
    }
    assertEquals(bytes, server.inFlight().bytes());
  }

  private void awaitInFlight(int requests) throws InterruptedException {
    AdmissionTest.await(() -> server.inFlight().requests() == requests);
  }

  private void awaitNothingInFlight() throws InterruptedException {
    awaitInFlight(0);
    awaitBytes(0);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Reads frames up to the trailers of a call; returns the number of its stream. */
  private static int endedCall(Socket socket) throws IOException {
    DataInputStream in = new DataInputStream(socket.getInputStream());
    while (true) {
      int payload = in.readUnsignedByte() << 16 | in.readUnsignedShort();
      boolean headers = in.readUnsignedByte() == 1;
      boolean last = (in.readUnsignedByte() & 1) != 0;
      int stream = in.readInt();
      in.skipNBytes(payload);
      if (headers && last) {
        return stream;
      }
    }
  }

  /** A call whose client sends and ends when the test says so. */
  private static final class Call<Q, R> extends ClientCall.Listener<R> {
    private final ClientCall<Q, R> call;
    private final BlockingQueue<R> replies = new LinkedBlockingQueue<>();
    private final CompletableFuture<Status> end = new CompletableFuture<>();
    private volatile Metadata trailers;

    Call(ManagedChannel channel, MethodDescriptor<Q, R> method, String compressor) {
      call = channel.newCall(method, CallOptions.DEFAULT.withCompression(compressor));
      call.start(this, new Metadata());
      call.request(100);
    }

    void send(Q request) {
      call.sendMessage(request);
    }

    void reply() throws InterruptedException {
      assertTrue(replies.poll(20, TimeUnit.SECONDS) != null, "there is no reply");
    }

    void end() {
      call.halfClose();
    }

    void cancel() {
      call.cancel("no longer wanted", null);
    }

    boolean isEnded() {
      return end.isDone();
    }

    Status ended() throws Exception {
      return end.get(20, TimeUnit.SECONDS);
    }

    void assertRefused(LoadLimit limit, long value) throws Exception {
      Status status = ended();
      AdmissionTest.assertRefused(status.asRuntimeException(trailers), limit, value);
    }

    @Override
    public void onMessage(R reply) {
      replies.add(reply);
    }

    @Override
    public void onClose(Status status, Metadata trailers) {
      this.trailers = trailers;
      end.complete(status);
    }
  }
}
