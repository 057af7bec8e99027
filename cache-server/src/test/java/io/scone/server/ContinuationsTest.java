package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.scone.fgram.FgramFilter;
import io.scone.fgram.FgramKey;
import io.scone.table.Residency;
import io.scone.table.Table;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.GetFgramFilterRequest;
import io.scone.v1.GetFgramFilterResponse;
import io.scone.v1.ListFrequentFgramsRequest;
import io.scone.v1.ListFrequentFgramsResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.TableSelector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a server tells ahead: continuations of windows, the f-gram filter, frequent f-grams. */
@Timeout(60)
class ContinuationsTest {
  private static final int DIM = 4;
  private static final int ROW_BYTES = DIM * Float.BYTES;
  private static final TestTable DATA = TestTable.closed(3, 3000, DIM);
  private static final TestTable NOT_CLOSED = new TestTable(4, 500, DIM);

  @TempDir private static Path temporary;
  private static CacheServer inMemory;
  private static CacheServer onDisk;
  private static ManagedChannel[] channels;

  @BeforeAll
  static void start() throws Exception {
    Map<String, Path> tables =
        Map.of("mined", temporary.resolve("mined"), "other", temporary.resolve("other"));
    DATA.build(tables.get("mined"));
    NOT_CLOSED.build(tables.get("other"));
    inMemory = serve(tables, Residency.ram());
    onDisk = serve(tables, Residency.disk());
    channels = new ManagedChannel[] {connect(inMemory), connect(onDisk)};
    for (ManagedChannel channel : channels) {
      while (continuations(stub(channel), "mined", 1, 7).getContinuationCounts(0) == 0) {
        Thread.sleep(5); // the list is being made
      }
      while (filterPart(stub(channel), 0).getTotalBytes() == 0
          || frequent(stub(channel), 0).getTotal() == 0) {
        Thread.sleep(5);
      }
    }
  }

  private static CacheServer serve(Map<String, Path> tables, Residency residency) throws Exception {
    return CacheServer.start(
        ServerConfig.builder()
            .listen(ListenConfig.at("127.0.0.1", 0))
            .catalog(
                new CatalogConfig(
                    0,
                    Optional.empty(),
                    Duration.ofSeconds(1),
                    Map.of(CatalogConfig.OTHER_TABLES, residency)))
            .build(),
        tables);
  }

  @AfterAll
  static void stop() {
    Arrays.stream(channels).forEach(ManagedChannel::shutdownNow);
    inMemory.close();
    onDisk.close();
  }

  /** A token that ends an f-gram after a window, and how long a one. */
  private record Continuation(int token, int length, long count) {
    static final Comparator<Continuation> LIKELIEST_FIRST =
        Comparator.comparingInt(Continuation::length)
            .thenComparingLong(Continuation::count)
            .reversed()
            .thenComparingInt(Continuation::token);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void continuationsEqualBruteForceOverTheVocabulary(int server) {
    Random random = new Random(server);
    for (int round = 0; round < 60; round++) {
      List<int[]> windows = new ArrayList<>();
      MatchRequest.Builder request = MatchRequest.newBuilder().setSelector(table("mined"));
      for (int i = random.nextInt(4); i >= 0; i--) {
        int[] window = DATA.text(random, random.nextInt(12));
        windows.add(window);
        Arrays.stream(window).forEach(request::addTokens);
        request
            .addWindowLengths(window.length)
            .addContextLengths(random.nextInt(window.length + 1))
            .addContinuations(random.nextInt(3) == 0 ? 0 : 1 + random.nextInt(50));
      }
      MatchResponse reply = stub(channels[server]).match(request.build());
      int at = 0;
      boolean any = request.getContinuationsList().stream().anyMatch(asked -> asked > 0);
      assertEquals(any ? windows.size() : 0, reply.getContinuationCountsCount());
      assertEquals(any ? windows.size() : 0, reply.getContinuationsCompleteCount());
      for (int i = 0; i < reply.getContinuationCountsCount(); i++) {
        List<Continuation> all = bruteForce(windows.get(i));
        int count = Math.min(all.size(), request.getContinuations(i));
        assertEquals(count, reply.getContinuationCounts(i));
        assertEquals(
            request.getContinuations(i) > 0 && count == all.size(),
            reply.getContinuationsComplete(i));
        for (int j = 0; j < count; j++, at++) {
          assertEquals(all.get(j).token, reply.getContinuationTokens(at));
          assertEquals(all.get(j).length, reply.getContinuationMatchLengths(at));
          int row = reply.getContinuationRowIndices(at);
          assertEquals(
              ByteString.copyFrom(row(windows.get(i), all.get(j))),
              reply.getRows().substring(row * ROW_BYTES, (row + 1) * ROW_BYTES));
        }
      }
      assertEquals(at, reply.getContinuationTokensCount());
      MatchResponse alone = stub(channels[server]).match(request.clearContinuations().build());
      assertEquals(alone.getPositionsList(), reply.getPositionsList());
      assertEquals(alone.getMatchLengthsList(), reply.getMatchLengthsList());
      assertTrue(reply.getRows().startsWith(alone.getRows()));
    }
  }

  @Test
  void aTableThatIsNotSortedByBeginningsHasNone() {
    for (int i = 0; i < 20; i++) {
      MatchResponse reply = continuations(stub(channels[0]), "other", i, 40);
      assertEquals(List.of(0), reply.getContinuationCountsList());
      assertEquals(List.of(false), reply.getContinuationsCompleteList());
    }
  }

  @Test
  void moreThanTheLimitAndCountsThatDoNotFitAreRefused() {
    assertRefused(
        "a window asks for 257 continuations; the limit max_continuations is 256",
        MatchRequest.newBuilder().addTokens(1).addContinuations(257));
    assertRefused(
        "there are 2 continuations for 1 windows",
        MatchRequest.newBuilder().addTokens(1).addContinuations(1).addContinuations(2));
  }

  private static void assertRefused(String sentence, MatchRequest.Builder request) {
    StatusRuntimeException e =
        assertThrows(StatusRuntimeException.class, () -> stub(channels[0]).match(request.build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    assertTrue(e.getMessage().contains(sentence), e::getMessage);
  }

  @Test
  void theFilterKnowsAllFgramsAndDeniesMostOtherNgrams() {
    GetFgramFilterResponse whole = filterPart(stub(channels[0]), 0);
    FgramFilter filter = FgramFilter.ofBytes(whole.getTotalBytes());
    filter.put(0, whole.getData().asReadOnlyByteBuffer());
    for (byte[] key : DATA.rows().keySet()) {
      int[] fgram = FgramKey.decode(key);
      assertTrue(filter.mayHold(FgramFilter.hash(fgram, 0, fgram.length)));
    }
    Random random = new Random(9);
    int taken = 0;
    for (int i = 0; i < 10_000; i++) {
      int[] ngram = random.ints(TestTable.MAX_NGRAM, 1000, 2000).toArray();
      taken += filter.mayHold(FgramFilter.hash(ngram, 0, ngram.length)) ? 1 : 0;
    }
    assertTrue(taken < 150, taken + " of 10000");
  }

  @Test
  void aFilterIsSentInPartsThatBeginWithABlock() {
    GetFgramFilterResponse whole = filterPart(stub(channels[0]), 0);
    GetFgramFilterResponse part = filterPart(stub(channels[0]), 128);
    assertEquals(whole.getTotalBytes(), whole.getData().size());
    assertEquals(whole.getData().substring(128), part.getData());
    assertEquals(whole.getServedBy(), part.getServedBy());
    for (long offset : new long[] {1, whole.getTotalBytes(), -64}) {
      StatusRuntimeException e =
          assertThrows(StatusRuntimeException.class, () -> filterPart(stub(channels[0]), offset));
      assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    }
  }

  @Test
  void allFgramsAreListedTheMostFrequentFirst() {
    List<byte[]> wanted = new ArrayList<>(DATA.rows().keySet());
    wanted.sort(Comparator.comparingLong(key -> -TestTable.count(key))); // else in key order
    List<byte[]> listed = new ArrayList<>();
    for (int part = -1; part != 0; ) {
      ListFrequentFgramsResponse reply = frequent(stub(channels[1]), listed.size());
      assertEquals(wanted.size(), reply.getTotal());
      part = reply.getLengthsCount();
      assertTrue(part <= FrequentFgrams.MOST_AT_ONCE);
      int end = 0;
      for (int length : reply.getLengthsList()) {
        end += length;
        int[] tokens = IntStream.range(end - length, end).map(reply::getTokens).toArray();
        listed.add(FgramKey.encode(tokens));
      }
      assertEquals(end, reply.getTokensCount());
    }
    assertArrayEquals(wanted.toArray(), listed.toArray());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 123, 700})
  void aLongListEndsWithTheFirstOfThoseThatAreAsFrequentAsItsLast(int most) throws Exception {
    try (Table table = Table.open(temporary.resolve("other"), Residency.disk())) {
      List<byte[]> wanted = new ArrayList<>(NOT_CLOSED.rows().keySet());
      wanted.sort(Comparator.comparingLong(key -> -TestTable.count(key)));
      wanted = wanted.subList(0, Math.min(most, wanted.size()));
      List<byte[]> listed =
          FrequentFgrams.of(table, most).all().stream().map(FgramKey::encode).toList();
      assertArrayEquals(wanted.toArray(), listed.toArray());
    }
  }

  @Test
  void aListHasNothingBeyondItsEnd() {
    assertEquals(0, frequent(stub(channels[0]), DATA.rows().size()).getLengthsCount());
    for (long offset : new long[] {DATA.rows().size() + 1, -1}) {
      StatusRuntimeException e =
          assertThrows(StatusRuntimeException.class, () -> frequent(stub(channels[0]), offset));
      assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
    }
  }

  private static List<Continuation> bruteForce(int[] window) {
    List<Continuation> all = new ArrayList<>();
    int[] followed = Arrays.copyOf(window, window.length + 1);
    for (int token = 0; token < TestTable.VOCABULARY; token++) {
      followed[window.length] = token;
      int length = DATA.longestMatch(followed, 0, window.length);
      if (length > 0) {
        byte[] key = FgramKey.encode(followed, followed.length - length, length);
        all.add(new Continuation(token, length, TestTable.count(key)));
      }
    }
    all.sort(Continuation.LIKELIEST_FIRST);
    return all;
  }

  private static byte[] row(int[] window, Continuation continuation) {
    int[] followed = Arrays.copyOf(window, window.length + 1);
    followed[window.length] = continuation.token;
    return DATA.row(followed, followed.length - continuation.length, continuation.length);
  }

  private static MatchResponse continuations(
      EmbeddingServiceGrpc.EmbeddingServiceBlockingStub stub, String table, int token, int most) {
    return stub.match(
        MatchRequest.newBuilder()
            .setSelector(table(table))
            .addTokens(token)
            .addContextLengths(1)
            .addContinuations(most)
            .build());
  }

  private static GetFgramFilterResponse filterPart(
      EmbeddingServiceGrpc.EmbeddingServiceBlockingStub stub, long offset) {
    return stub.getFgramFilter(
        GetFgramFilterRequest.newBuilder().setSelector(table("mined")).setOffset(offset).build());
  }

  private static ListFrequentFgramsResponse frequent(
      EmbeddingServiceGrpc.EmbeddingServiceBlockingStub stub, long offset) {
    return stub.listFrequentFgrams(
        ListFrequentFgramsRequest.newBuilder()
            .setSelector(table("mined"))
            .setOffset(offset)
            .build());
  }

  private static TableSelector table(String name) {
    return TableSelector.newBuilder().setTable(name).build();
  }

  private static ManagedChannel connect(CacheServer server) {
    return NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  private static EmbeddingServiceGrpc.EmbeddingServiceBlockingStub stub(ManagedChannel channel) {
    return EmbeddingServiceGrpc.newBlockingStub(channel).withWaitForReady();
  }
}
