package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.scone.table.TestTable;
import io.scone.v1.ContainsRequest;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.EmbeddingServiceGrpc.EmbeddingServiceBlockingStub;
import io.scone.v1.GetServerInfoRequest;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.LookupRequest;
import io.scone.v1.LookupResponse;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import io.scone.v1.TableServiceGrpc;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a server says of itself over HTTP, against what a test knows it did. */
class MetricsTest {
  private static final Path DOCUMENTATION = Path.of("../docs/operations.md");
  private static final Pattern DOCUMENTED = Pattern.compile("(?m)^\\| `([a-z0-9_]+)` \\|");
  private static final Pattern EXPORTED = Pattern.compile("(?m)^# TYPE ([a-z0-9_]+) ");
  private static final int DIM = 16;
  private static final int ROW_BYTES = DIM * Float.BYTES;
  private static final TestTable DATA = new TestTable(51, 1000, DIM);
  private static final String MATCH = "{code=\"%s\",method=\"scone.v1.EmbeddingService/Match\"}";

  private static final String STREAMED = "%s{%smethod=\"scone.v1.EmbeddingService/StreamMatch\"}";

  @TempDir private Path temporary;
  private final HttpClient http = HttpClient.newHttpClient();
  private CacheServer server;
  private ManagedChannel channel;
  private EmbeddingServiceBlockingStub stub;

  @BeforeEach
  void start() throws IOException {
    DATA.build(temporary.resolve("table"));
    server =
        CacheServer.start(
            ServerConfig.builder()
                .listen(ListenConfig.at("127.0.0.1", 0))
                .metrics(MetricsConfig.at("127.0.0.1", 0))
                .build(),
            Map.of("wiki", temporary.resolve("table")));
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
    stub = EmbeddingServiceGrpc.newBlockingStub(channel);
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void theMetricsOfTheDocumentationAreThoseExported() throws Exception {
    String text = Files.readString(DOCUMENTATION);
    int begin = text.indexOf("\n## Metrics\n") + 1;
    int end = text.indexOf("\n## ", begin);
    String section = text.substring(begin, end < 0 ? text.length() : end);
    Set<String> documented = names(DOCUMENTED, section);
    Set<String> exported = names(EXPORTED, get("/metrics", 200));
    for (int i = 0; i < 2000 && !exported.contains("jvm_gc_pause_seconds"); i++) {
      System.gc(); // is told of a moment after it has happened
      Thread.sleep(10);
      exported = names(EXPORTED, get("/metrics", 200));
    }
    assertEquals(documented, exported);
  }

  @Test
  void theCountersAddUpToTheCallsMade() throws Exception {
    Map<String, Double> before = scrape();
    Random random = new Random(2);
    double positions = 0;
    double matches = 0;
    double rows = 0;
    double found = 0;
    double missing = 0;
    double sent = 0;
    double received = 0;
    for (int i = 0; i < 20; i++) {
      int[] text = DATA.text(random, 200);
      MatchRequest.Builder match = MatchRequest.newBuilder().addContextLengths(i);
      LookupRequest.Builder lookup = LookupRequest.newBuilder();
      for (int token : text) {
        match.addTokens(token);
        lookup.addTokens(token);
      }
      for (int at = 0; at < text.length; at += 2) {
        lookup.addLengths(2);
      }
      MatchResponse matched = stub.match(match.build());
      for (int at = i; at < text.length; at++) {
        positions++;
        matches += DATA.longestMatch(text, 0, at) > 0 ? 1 : 0;
      }
      LookupResponse looked = stub.lookup(lookup.build());
      var contained =
          stub.contains(
              ContainsRequest.newBuilder()
                  .addAllTokens(lookup.getTokensList())
                  .addAllLengths(lookup.getLengthsList())
                  .build());
      for (int at = 0; at < text.length; at += 2) {
        boolean held = DATA.row(text, at, 2) != null;
        found += held ? 2 : 0; // looked up, and asked whether it is contained
        missing += held ? 0 : 2;
        rows += held ? 1 : 0;
      }
      rows += (double) matched.getRows().size() / ROW_BYTES;
      sent +=
          matched.getSerializedSize() + looked.getSerializedSize() + contained.getSerializedSize();
      received += match.build().getSerializedSize() + 2 * lookup.build().getSerializedSize();
    }
    MatchRequest bad = MatchRequest.newBuilder().addTokens(TestTable.VOCABULARY).build();
    for (int i = 0; i < 3; i++) {
      assertThrows(StatusRuntimeException.class, () -> stub.match(bad));
      received += bad.getSerializedSize();
    }
    String ok = "scone_calls_total" + String.format(MATCH, "OK");
    String invalid = "scone_calls_total" + String.format(MATCH, "INVALID_ARGUMENT");
    double calls = before.get(ok) + 20;
    Map<String, Double> after = scrape();
    for (int i = 0; i < 2000 && after.getOrDefault(invalid, 0.0) < 3; i++) {
      Thread.sleep(10); // the server counts a call a moment after its caller has the reply
      after = scrape();
    }
    assertEquals(calls, after.get(ok));
    assertEquals(3, after.get(invalid));
    assertEquals(positions, increase("scone_positions_total", before, after));
    assertEquals(matches, increase("scone_matches_total", before, after));
    assertEquals(found, increase("scone_fgrams_total{result=\"found\"}", before, after));
    assertEquals(missing, increase("scone_fgrams_total{result=\"missing\"}", before, after));
    assertEquals(
        rows,
        increase("scone_rows_total{tier=\"memory\"}", before, after)
            + increase("scone_rows_total{tier=\"disk\"}", before, after));
    assertEquals(sent, increase("scone_sent_bytes_total", before, after));
    assertEquals(received, increase("scone_received_bytes_total", before, after));
    for (String stage : new String[] {"queue", "match", "store", "write"}) {
      String timed =
          "scone_stage_seconds_count{method=\"scone.v1.EmbeddingService/Match\",stage=\"%s\"}"
              .formatted(stage);
      assertEquals(stage.equals("queue") ? 23 : 20, increase(timed, before, after), timed);
    }
    assertEquals(1, after.get("scone_connections"));
    assertEquals(0, after.get("scone_requests_in_flight"));
    assertEquals(0, after.get("scone_replies_in_flight_bytes"));
  }

  @Test
  void eachRequestOfAStreamCountsAsACall() throws Exception {
    Map<String, Double> before = scrape();
    MatchRequest good = EmbeddingServiceTest.tokens(50);
    MatchRequest bad = MatchRequest.newBuilder().addTokens(TestTable.VOCABULARY).build();
    assertEquals(Status.Code.OK, stream(Collections.nCopies(20, good)));
    assertEquals(Status.Code.INVALID_ARGUMENT, stream(List.of(good, good, bad)));
    assertEquals(Status.Code.OK, stream(List.of(MatchRequest.getDefaultInstance())));
    assertEquals(Status.Code.OK, stream(List.of())); // a stream by itself is no request
    String ok = STREAMED.formatted("scone_calls_total", "code=\"OK\",");
    String invalid = STREAMED.formatted("scone_calls_total", "code=\"INVALID_ARGUMENT\",");
    Map<String, Double> after = scrape();
    for (int i = 0; i < 2000 && after.getOrDefault(invalid, 0.0) < 1; i++) {
      Thread.sleep(10); // the server counts a call a moment after its caller has the reply
      after = scrape();
    }
    assertEquals(23, increase(ok, before, after));
    assertEquals(1, increase(invalid, before, after));
    assertEquals(24, increase(STREAMED.formatted("scone_call_seconds_count", ""), before, after));
    for (String stage : new String[] {"queue", "match", "store", "write"}) {
      String timed =
          "scone_stage_seconds_count{method=\"scone.v1.EmbeddingService/StreamMatch\",stage=\"%s\"}"
              .formatted(stage);
      assertEquals(stage.equals("queue") ? 24 : 23, increase(timed, before, after), timed);
    }
    assertEquals(22 * 50, increase("scone_positions_total", before, after));
  }

  @Test
  void aRequestWhoseDeadlinePassesInTheQueueIsNotWorkedOn() throws Exception {
    stub.getServerInfo(GetServerInfoRequest.getDefaultInstance()); // connects
    Map<String, Double> before = scrape();
    CountDownLatch busy = new CountDownLatch(1);
    for (int i = 0; i < server.readers().getMaximumPoolSize(); i++) {
      server.readers().execute(() -> awaitUninterruptibly(busy));
    }
    MatchRequest request = EmbeddingServiceTest.tokens(100);
    StatusRuntimeException late =
        assertThrows(
            StatusRuntimeException.class,
            () -> stub.withDeadlineAfter(200, TimeUnit.MILLISECONDS).match(request));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, late.getStatus().getCode());
    // Answered on the same connection behind the cancellation, which has then arrived: the server's
    // own deadline began later than the caller's and may still have moments to run.
    stub.getServerInfo(GetServerInfoRequest.getDefaultInstance());
    busy.countDown();
    stub.match(EmbeddingServiceTest.tokens(7));
    assertEquals(7, increase("scone_positions_total", before, scrape()));
  }

  @Test
  void probesSayWhetherItServes() throws Exception {
    assertEquals("alive\n", get("/healthz", 200));
    assertEquals("serving\n", get("/readyz", 200));
    get("/metric", 404);
    HttpResponse<String> posted =
        http.send(
            request("/metrics").POST(HttpRequest.BodyPublishers.noBody()).build(),
            HttpResponse.BodyHandlers.ofString());
    assertEquals(405, posted.statusCode());
  }

  @Test
  void theEndpointSaysWhichPortIsTaken() throws IOException {
    int taken = server.metricsAddress().orElseThrow().getPort();
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                CacheServer.start(
                    ServerConfig.builder()
                        .listen(ListenConfig.at("127.0.0.1", 0))
                        .metrics(MetricsConfig.at("127.0.0.1", taken))
                        .build(),
                    Map.of("wiki", temporary.resolve("table"))));
    assertEquals(
        "cannot listen on 127.0.0.1:" + taken + " for metrics: Address already in use",
        e.getMessage());
  }

  @Test
  void everyMethodAndTableVersionHasItsName() throws Exception {
    TableServiceGrpc.newBlockingStub(channel).listTables(ListTablesRequest.getDefaultInstance());
    assertThrows(
        StatusRuntimeException.class,
        () -> stub.lookup(LookupRequest.newBuilder().addLengths(2).build()));
    String version = server.tables().get(0).getVersion().getVersion();
    String metrics = get("/metrics", 200);
    assertTrue(
        metrics.contains("scone_table_rows{table=\"wiki\",version=\"" + version + "\"} " + 1000.0));
    assertTrue(metrics.contains("method=\"scone.v1.TableService/ListTables\""));
    assertFalse(metrics.contains("method=\"unknown\",code=\"OK\""));
  }

  /** Sends requests over a stream of their own, all at once; returns how it ends. */
  private Status.Code stream(List<MatchRequest> requests) throws Exception {
    CompletableFuture<Status.Code> end = new CompletableFuture<>();
    StreamObserver<StreamMatchRequest> stream =
        EmbeddingServiceGrpc.newStub(channel)
            .streamMatch(
                new StreamObserver<>() {
                  @Override
                  public void onNext(StreamMatchResponse reply) {}

                  @Override
                  public void onError(Throwable t) {
                    end.complete(Status.fromThrowable(t).getCode());
                  }

                  @Override
                  public void onCompleted() {
                    end.complete(Status.Code.OK);
                  }
                });
    for (MatchRequest request : requests) {
      stream.onNext(StreamMatchRequest.newBuilder().setRequest(request).build());
    }
    stream.onCompleted();
    return end.get(20, TimeUnit.SECONDS);
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static double increase(
      String series, Map<String, Double> before, Map<String, Double> after) {
    return after.get(series) - before.getOrDefault(series, 0.0);
  }

  /** Returns the value of every series. */
  private Map<String, Double> scrape() throws Exception {
    return get("/metrics", 200)
        .lines()
        .filter(line -> !line.startsWith("#"))
        .collect(
            Collectors.toMap(
                line -> line.substring(0, line.lastIndexOf(' ')),
                line -> Double.valueOf(line.substring(line.lastIndexOf(' ') + 1)),
                (one, other) -> other,
                TreeMap::new));
  }

  private static Set<String> names(Pattern pattern, String text) {
    return pattern
        .matcher(text)
        .results()
        .map((MatchResult found) -> found.group(1))
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private String get(String path, int status) throws Exception {
    HttpResponse<String> reply =
        http.send(request(path).GET().build(), HttpResponse.BodyHandlers.ofString());
    assertEquals(status, reply.statusCode());
    return reply.body();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(
        URI.create("http:/" + server.metricsAddress().orElseThrow() + path));
  }
}
