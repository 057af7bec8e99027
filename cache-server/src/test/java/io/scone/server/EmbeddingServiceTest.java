package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.BadRequest;
import com.google.rpc.ErrorInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.scone.manifest.Fingerprint;
import io.scone.table.TestTable;
import io.scone.v1.ContainsRequest;
import io.scone.v1.ContainsResponse;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.LookupRequest;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import io.scone.v1.TableSelector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class EmbeddingServiceTest {
  private static final int DIM = 8;
  private static final int ROW_BYTES = DIM * Float.BYTES;
  private static final RequestLimits LIMITS =
      new RequestLimits(5000, 100, 4000 * ROW_BYTES, 20000, 40);
  private static final TestTable DATA = new TestTable(21, 4000, DIM);

  @TempDir private static Path temporary;
  private static CacheServer server;
  private static ManagedChannel channel;
  private static EmbeddingServiceGrpc.EmbeddingServiceBlockingStub stub;

  @BeforeAll
  static void start() throws Exception {
    DATA.build(temporary.resolve("table"));
    server =
        CacheServer.start(
            ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", 0)).limits(LIMITS).build(),
            Map.of("wiki", temporary.resolve("table")));
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    stub = EmbeddingServiceGrpc.newBlockingStub(channel).withWaitForReady();
  }

  @AfterAll
  static void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void matchEqualsBruteForceOnWindowsOfRandomText() {
    Random random = new Random(4);
    for (int round = 0; round < 100; round++) {
      MatchRequest request = randomWindows(random);
      assertMatches(request, stub.match(request));
    }
  }

  @Test
  void aRequestWithoutWindowLengthsIsOneWindow() {
    int[] text = DATA.text(new Random(5), 300);
    MatchRequest.Builder request = MatchRequest.newBuilder();
    Arrays.stream(text).forEach(request::addTokens);
    assertMatches(request.addContextLengths(7).build(), stub.match(request.build()));
    assertEquals(0, stub.match(MatchRequest.getDefaultInstance()).getPositionsCount());
  }

  @Test
  void lookupAndContainsEqualBruteForce() {
    Random random = new Random(6);
    for (int round = 0; round < 50; round++) {
      int[] text = DATA.text(random, 400);
      LookupRequest.Builder lookup = LookupRequest.newBuilder();
      List<Boolean> found = new ArrayList<>();
      List<byte[]> rows = new ArrayList<>();
      for (int i = random.nextInt(100); i > 0; i--) {
        int length = 1 + random.nextInt(TestTable.MAX_NGRAM + 1);
        int from = random.nextInt(text.length - length);
        Arrays.stream(text, from, from + length).forEach(lookup::addTokens);
        lookup.addLengths(length);
        byte[] row = DATA.row(text, from, length);
        found.add(row != null);
        if (row != null) {
          rows.add(row);
        }
      }
      LookupResponse looked = stub.lookup(lookup.build());
      assertEquals(found, looked.getFoundList());
      assertEquals(rows.size() * ROW_BYTES, looked.getRows().size());
      for (int i = 0; i < rows.size(); i++) {
        assertArrayEquals(rows.get(i), row(looked.getRows().toByteArray(), i));
      }
      ContainsResponse contained =
          stub.contains(
              ContainsRequest.newBuilder()
                  .addAllTokens(lookup.getTokensList())
                  .addAllLengths(lookup.getLengthsList())
                  .build());
      assertEquals(found, contained.getFoundList());
      assertEquals(looked.getServedBy(), contained.getServedBy());
    }
  }

  @Test
  void streamedRepliesComeInTheOrderOfTheRequestsHoweverSlowlyTheyAreRead() throws Exception {
    Random random = new Random(7);
    List<MatchRequest> requests = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      requests.add(randomWindows(random));
    }
    MatchStreamClient client = new MatchStreamClient(requests);
    EmbeddingServiceGrpc.newStub(channel).streamMatch(client);
    assertTrue(client.done.await(20, TimeUnit.SECONDS));
    assertEquals(Status.Code.OK, client.status.getCode());
    assertEquals(requests.size(), client.replies.size());
    for (int i = 0; i < requests.size(); i++) {
      assertMatches(requests.get(i), client.replies.get(i));
    }
  }

  @Test
  void anErrorEndsAStreamAfterTheRepliesBeforeIt() throws Exception {
    MatchRequest good = randomWindows(new Random(8));
    MatchRequest bad = MatchRequest.newBuilder().addTokens(TestTable.VOCABULARY).build();
    MatchStreamClient client = new MatchStreamClient(List.of(good, bad, good));
    EmbeddingServiceGrpc.newStub(channel).streamMatch(client);
    assertTrue(client.done.await(20, TimeUnit.SECONDS));
    assertEquals(Status.Code.INVALID_ARGUMENT, client.status.getCode());
    assertEquals(1, client.replies.size());
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("invalidMatches")
  void aMatchThatIsMalformedOrOverALimitIsRefusedWithTheReason(
      MatchRequest request, String field, String message) {
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> stub.match(request));
    assertInvalid(e, field, message);
  }

  static Stream<Arguments> invalidMatches() {
    MatchRequest three = MatchRequest.newBuilder().addAllTokens(List.of(1, 2, 3)).build();
    return Stream.of(
        Arguments.of(
            three.toBuilder().addTokens(50).build(),
            "tokens[3]",
            "tokens[3] is 50; table 'wiki' has a vocabulary of 50"),
        Arguments.of(
            three.toBuilder().addTokens(-1).build(),
            "tokens[3]",
            "tokens[3] is 4294967295; table 'wiki' has a vocabulary of 50"),
        Arguments.of(
            three.toBuilder().addAllWindowLengths(List.of(1, 1)).build(),
            "window_lengths",
            "window_lengths add up to 2 and there are 3 tokens"),
        Arguments.of(
            three.toBuilder().addAllWindowLengths(List.of(-1, 4)).build(),
            "window_lengths",
            "window_lengths add up to 4294967299 and there are 3 tokens"),
        Arguments.of(
            three.toBuilder().addAllContextLengths(List.of(1, 1)).build(),
            "context_lengths",
            "there are 2 context_lengths for 1 windows"),
        Arguments.of(
            three.toBuilder()
                .addAllWindowLengths(List.of(1, 2))
                .addAllContextLengths(List.of(1, 3))
                .build(),
            "context_lengths[1]",
            "context_lengths[1] is 3 and its window has 2 tokens"),
        Arguments.of(
            tokens(5001), "tokens", "the request has 5001 tokens; the limit max_tokens is 5000"),
        Arguments.of(
            tokens(4001),
            "tokens",
            "the rows of 4001 positions could take 128032 bytes; the limit max_row_bytes is"
                + " 128000"),
        Arguments.of(
            tokens(21000),
            "",
            "the request takes 21004 bytes; the limit max_request_bytes is 20000"));
  }

  @ParameterizedTest(name = "{2}")
  @MethodSource("invalidLookups")
  void aLookupThatIsMalformedOrOverALimitIsRefusedWithTheReason(
      LookupRequest lookup, String field, String message) {
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> stub.lookup(lookup));
    assertInvalid(e, field, message);
    ContainsRequest contains =
        ContainsRequest.newBuilder()
            .addAllTokens(lookup.getTokensList())
            .addAllLengths(lookup.getLengthsList())
            .build();
    e = assertThrows(StatusRuntimeException.class, () -> stub.contains(contains));
    assertInvalid(e, field, message);
  }

  static Stream<Arguments> invalidLookups() {
    LookupRequest three = LookupRequest.newBuilder().addAllTokens(List.of(1, 2, 3)).build();
    return Stream.of(
        Arguments.of(three, "lengths", "lengths add up to 0 and there are 3 tokens"),
        Arguments.of(
            three.toBuilder().addAllLengths(List.of(3, 0)).build(),
            "lengths[1]",
            "lengths[1] is 0; an f-gram has at least 1 token"),
        Arguments.of(
            three.toBuilder().addTokens(77).addLengths(4).build(),
            "tokens[3]",
            "tokens[3] is 77; table 'wiki' has a vocabulary of 50"),
        Arguments.of(
            LookupRequest.newBuilder()
                .addAllTokens(tokens(101).getTokensList())
                .addAllLengths(tokens(101).getTokensList())
                .build(),
            "lengths",
            "the request names 101 f-grams; the limit max_fgrams is 100"));
  }

  @Test
  void anUnknownTableIsNotFound() {
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.match(select(TableSelector.newBuilder().setTable("news"))));
    assertEquals(Status.Code.NOT_FOUND, e.getStatus().getCode());
    assertEquals("there is no table 'news'; there are [wiki]", e.getStatus().getDescription());
    assertEquals("UNKNOWN_TABLE", errorInfo(e).getReason());
  }

  @Test
  void anUnknownTableIsNamedOnOneLineAndNotInFull() {
    String name = "news\r\n\u2028" + "x".repeat(1000);
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.match(select(TableSelector.newBuilder().setTable(name))));
    assertEquals(
        "there is no table 'news???" + "x".repeat(121) + "...'; there are [wiki]",
        e.getStatus().getDescription());
  }

  @Test
  void aTableOfAnotherModelIsRefusedNamingBothModels() {
    String other = new Fingerprint().update("another").finish();
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.match(select(TableSelector.newBuilder().setModelFingerprint(other))));
    assertEquals(Status.Code.FAILED_PRECONDITION, e.getStatus().getCode());
    assertEquals(
        "table 'wiki' was made by model " + TestTable.MODEL + ", not by model " + other,
        e.getStatus().getDescription());
    assertEquals(
        Map.of("table", "wiki", "expected", other, "actual", TestTable.MODEL),
        errorInfo(e).getMetadataMap());
    stub.match(
        select(TableSelector.newBuilder().setTable("wiki").setModelFingerprint(TestTable.MODEL)));
  }

  @Test
  void aCallWhoseDeadlineHasPassedFailsAndTheServerGoesOn() {
    MatchRequest request = tokens(4000);
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.withDeadlineAfter(1, TimeUnit.MICROSECONDS).match(request));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, e.getStatus().getCode());
    assertMatches(request, stub.match(request));
  }

  static MatchRequest tokens(int count) {
    MatchRequest.Builder request = MatchRequest.newBuilder();
    for (int i = 0; i < count; i++) {
      request.addTokens(1);
    }
    return request.build();
  }

  private static MatchRequest select(TableSelector.Builder selector) {
    return MatchRequest.newBuilder().setSelector(selector).build();
  }

  private static MatchRequest randomWindows(Random random) {
    MatchRequest.Builder request = MatchRequest.newBuilder();
    for (int window = random.nextInt(8); window >= 0; window--) {
      int length = random.nextInt(100);
      Arrays.stream(DATA.text(random, length)).forEach(request::addTokens);
      request.addWindowLengths(length).addContextLengths(random.nextInt(Math.min(length, 9) + 1));
    }
    return request.build();
  }

  /** Compares a reply with what trying every f-gram at every asked position gives. */
  static void assertMatches(MatchRequest request, MatchResponse reply) {
    int[] tokens = request.getTokensList().stream().mapToInt(Integer::intValue).toArray();
    byte[] rows = reply.getRows().toByteArray();
    List<Integer> lengths =
        request.getWindowLengthsCount() == 0
            ? List.of(tokens.length)
            : request.getWindowLengthsList();
    HashSet<Integer> usedRows = new HashSet<>();
    HashSet<List<Integer>> fgrams = new HashSet<>();
    int matched = 0;
    int asked = 0;
    int begin = 0;
    for (int window = 0; window < lengths.size(); window++) {
      int context = request.getContextLengthsCount() == 0 ? 0 : request.getContextLengths(window);
      int end = begin + lengths.get(window);
      for (int i = begin + context; i < end; i++, asked++) {
        int length = DATA.longestMatch(tokens, begin, i);
        if (length > 0) {
          assertEquals(asked, reply.getPositions(matched));
          assertEquals(length, reply.getMatchLengths(matched));
          int row = reply.getRowIndices(matched++);
          assertArrayEquals(DATA.row(tokens, i - length + 1, length), row(rows, row));
          usedRows.add(row);
          fgrams.add(request.getTokensList().subList(i - length + 1, i + 1));
        }
      }
      begin = end;
    }
    assertEquals(matched, reply.getPositionsCount());
    assertEquals(fgrams.size(), usedRows.size(), "each distinct row is sent once");
    assertEquals(fgrams.size() * ROW_BYTES, rows.length);
    assertEquals("wiki", reply.getServedBy().getTable());
    assertEquals(ROW_BYTES, reply.getRowFormat().getRowBytes());
  }

  private static byte[] row(byte[] rows, int index) {
    return Arrays.copyOfRange(rows, index * ROW_BYTES, (index + 1) * ROW_BYTES);
  }

  private static void assertInvalid(StatusRuntimeException e, String field, String message) {
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertEquals(message, e.getStatus().getDescription());
    BadRequest details = detail(e, BadRequest.class);
    assertEquals(field, details.getFieldViolations(0).getField());
    assertEquals(message, details.getFieldViolations(0).getDescription());
    boolean overLimit = message.contains("; the limit ");
    assertEquals(overLimit ? "LIMIT_EXCEEDED" : "MALFORMED_REQUEST", errorInfo(e).getReason());
  }

  private static ErrorInfo errorInfo(StatusRuntimeException e) {
    return detail(e, ErrorInfo.class);
  }

  private static <T extends com.google.protobuf.Message> T detail(
      StatusRuntimeException e, Class<T> type) {
    return StatusProto.fromThrowable(e).getDetailsList().stream()
        .filter(any -> any.is(type))
        .map(
            any -> {
              try {
                return any.unpack(type);
              } catch (com.google.protobuf.InvalidProtocolBufferException bad) {
                throw new AssertionError(bad);
              }
            })
        .findFirst()
        .orElseThrow();
  }

  /** Sends all requests at once and takes the replies one by one. */
  static final class MatchStreamClient
      implements ClientResponseObserver<StreamMatchRequest, StreamMatchResponse> {
    final List<MatchResponse> replies = new ArrayList<>();
    final CountDownLatch done = new CountDownLatch(1);
    volatile Status status;
    private final List<MatchRequest> requests;
    private ClientCallStreamObserver<StreamMatchRequest> call;
    private int sent;

    MatchStreamClient(List<MatchRequest> requests) {
      this.requests = requests;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<StreamMatchRequest> call) {
      this.call = call;
      call.disableAutoRequestWithInitial(1);
      call.setOnReadyHandler(
          () -> {
            while (call.isReady() && sent < requests.size()) {
              call.onNext(StreamMatchRequest.newBuilder().setRequest(requests.get(sent++)).build());
              if (sent == requests.size()) {
                call.onCompleted();
              }
            }
          });
    }

    @Override
    public void onNext(StreamMatchResponse reply) {
      replies.add(reply.getResponse());
      call.request(1);
    }

    @Override
    public void onError(Throwable t) {
      status = Status.fromThrowable(t);
      done.countDown();
    }

    @Override
    public void onCompleted() {
      status = Status.OK;
      done.countDown();
    }
  }
}
