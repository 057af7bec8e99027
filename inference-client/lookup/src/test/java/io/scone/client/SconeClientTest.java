package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.scone.fgram.FgramIndex;
import io.scone.manifest.Fingerprint;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SconeClientTest {
  private FgramService service;
  private SconeClient client;

  @BeforeEach
  void start() throws IOException {
    service = new FgramService(3);
    client = SconeClient.connect(service.address());
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  @Test
  void matchesOfAnyWindowsAreThoseOfTheIndexHoweverTheyAreSplit() {
    Random random = new Random(1);
    for (int round = 0; round < 60; round++) {
      List<int[]> texts = new ArrayList<>();
      List<Integer> contexts = new ArrayList<>();
      TokenWindows windows = new TokenWindows();
      for (int i = random.nextInt(6); i >= 0; i--) {
        int[] text = text(random, random.nextInt(round == 0 ? 1 : 150));
        int context = random.nextInt(Math.min(text.length, 10) + 1);
        texts.add(text);
        contexts.add(context);
        int[] larger = new int[text.length + 5];
        System.arraycopy(text, 0, larger, 2, text.length);
        windows.add(larger, 2, text.length, context);
      }
      assertMatches(texts, contexts, client.match(windows));
    }
  }

  @Test
  void whatIsWithinTheLimitsIsOneRequestAndItsRowsAreDistinct() {
    int[] fgram = fgram(17);
    int[] text = new int[24];
    for (int i = 0; i < text.length; i++) {
      text[i] = fgram[i % fgram.length];
    }
    client.serverInfo();
    int before = service.requests.get();
    Matches matches = client.match(TokenWindows.of(text));
    assertEquals(before + 1, service.requests.get());
    long distinct = IntStream.range(0, matches.count()).map(matches::rowIndex).distinct().count();
    assertEquals(distinct, matches.rows().count());
    assertTrue(matches.count() > distinct);
    assertEquals("test", matches.servedBy().getTable());
    assertTrue(matches.rows().bytes().isReadOnly());
  }

  @Test
  void lookupAndContainsAreThoseOfTheIndexHoweverTheyAreSplit() {
    Random random = new Random(2);
    for (int count : new int[] {0, 1, 9, 10, 137}) {
      List<int[]> fgrams = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        fgrams.add(
            random.nextBoolean()
                ? fgram(random.nextInt(service.index().size()))
                : text(random, 1 + random.nextInt(FgramService.MAX_NGRAM + 1)));
      }
      FoundFgrams found = client.lookup(fgrams);
      boolean[] contained = client.contains(fgrams);
      assertEquals(count, found.count());
      int rows = 0;
      for (int i = 0; i < count; i++) {
        int ordinal = service.index().find(fgrams.get(i), 0, fgrams.get(i).length);
        assertEquals(ordinal >= 0, found.found(i));
        assertEquals(ordinal >= 0, contained[i]);
        if (ordinal >= 0) {
          assertEquals(rows, found.rowIndex(i));
          assertRow(ordinal, found.rows(), rows++);
        }
      }
      assertEquals(rows, found.rows().count());
    }
  }

  @Test
  void manyCallsMayBeUnderWayAtOnce() {
    Random random = new Random(3);
    List<int[]> texts = new ArrayList<>();
    List<CompletableFuture<Matches>> futures = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      int[] text = text(random, 120);
      texts.add(text);
      futures.add(client.matchAsync(TokenWindows.of(text)));
    }
    for (int i = 0; i < texts.size(); i++) {
      assertMatches(List.of(texts.get(i)), List.of(0), futures.get(i).join());
    }
  }

  @Test
  void aThreadThatReadsRepliesIsNotKeptWaitingForOne() {
    CompletableFuture<Matches> second =
        client
            .matchAsync(TokenWindows.of(1)) // connects first, so what is chained runs later
            .thenApply(first -> client.match(TokenWindows.of(2)));
    ExecutionException e = assertThrows(ExecutionException.class, second::get);
    assertEquals(IllegalStateException.class, e.getCause().getClass());
    assertTrue(e.getCause().getMessage().contains("thenApplyAsync"), e::getMessage);
    assertEquals(
        0,
        client
            .matchAsync(TokenWindows.of(1))
            .thenApplyAsync(first -> client.match(TokenWindows.of(2)))
            .join()
            .count());
  }

  @Test
  void whatTakesSeveralRequestsNamesTheVersionThatIsToAnswerAll() {
    client.match(TokenWindows.of(new int[24]));
    assertEquals(Set.of(), service.pinned);
    client.match(TokenWindows.of(new int[100]));
    assertEquals(Set.of("version"), service.pinned);
    service.pinned.clear();
    client.lookup(service.fgrams().subList(0, 2 * FgramService.MAX_FGRAMS));
    assertEquals(Set.of("version"), service.pinned);
  }

  @Test
  void callsUnderWayFailWhenTheClientIsClosed() {
    service.silent = true;
    CompletableFuture<Matches> unanswered = client.matchAsync(TokenWindows.of(1));
    client.close();
    ExecutionException e = assertThrows(ExecutionException.class, unanswered::get);
    assertEquals(SconeException.class, e.getCause().getClass());
  }

  @Test
  void aCallThatIsToBeMadeAgainFailsWhenTheClientIsClosed() {
    client.serverInfo();
    service.overloads.set(Integer.MAX_VALUE);
    service.overloadMillis = 5000;
    int before = service.requests.get();
    CompletableFuture<Matches> paused = client.matchAsync(TokenWindows.of(1));
    while (service.requests.get() == before) {
      Thread.onSpinWait();
    }
    client.close();
    ExecutionException e = assertThrows(ExecutionException.class, paused::get);
    assertEquals(SconeException.class, e.getCause().getClass());
  }

  @Test
  void aServerThatIsBrieflyUnavailableIsTriedAgain() {
    service.refusals.set(2);
    assertEquals(0, client.match(TokenWindows.of()).count());
    service.refusals.set(2);
    assertFalse(client.contains(List.of(new int[] {1}))[0]);
  }

  @Test
  void aServerThatCannotBeReachedIsNamed() throws IOException {
    int port;
    try (ServerSocket unused = new ServerSocket(0)) {
      port = unused.getLocalPort();
    }
    try (SconeClient other = SconeClient.connect("localhost:" + port)) {
      SconeException e =
          assertThrows(SconeException.class, () -> other.match(TokenWindows.of(1, 2)));
      assertEquals(Status.Code.UNAVAILABLE, e.code());
      String sentence = "the cache server at localhost:" + port + " cannot be reached: ";
      assertTrue(e.getMessage().startsWith(sentence), e::getMessage);
      assertTrue(e.getMessage().contains("refused"), e::getMessage);
    }
  }

  @Test
  void aServerThatDoesNotAnswerFailsTheCallAtItsDeadline() {
    service.silent = true;
    try (SconeClient hasty =
        SconeClient.builder(service.address()).deadline(Duration.ofSeconds(1)).build()) {
      SconeException e =
          assertThrows(SconeException.class, () -> hasty.match(TokenWindows.of(1, 2)));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, e.code());
      service.silent = false;
      assertEquals(0, hasty.match(TokenWindows.of(1)).count());
    }
  }

  @Test
  void theServersOwnSentenceAndCodeReachTheCaller() {
    String other = new Fingerprint().update("other").finish();
    try (SconeClient picky =
        SconeClient.builder(service.address()).modelFingerprint(other).build()) {
      SconeException e = assertThrows(SconeException.class, () -> picky.match(TokenWindows.of(1)));
      assertEquals(Status.Code.FAILED_PRECONDITION, e.code());
      assertEquals("of another model", e.getMessage());
      ExecutionException async =
          assertThrows(
              ExecutionException.class, () -> picky.containsAsync(List.of(new int[] {1})).get());
      assertEquals(SconeException.class, async.getCause().getClass());
    }
    try (SconeClient same =
        SconeClient.builder(service.address())
            .table("test")
            .modelFingerprint(FgramService.MODEL)
            .build()) {
      assertEquals(0, same.match(TokenWindows.of(1)).count());
    }
  }

  @Test
  void aTableThatTheServerDoesNotHaveIsNotFound() {
    try (SconeClient lost = SconeClient.builder(service.address()).table("news").build()) {
      SconeException e = assertThrows(SconeException.class, () -> lost.match(TokenWindows.of(1)));
      assertEquals(Status.Code.NOT_FOUND, e.code());
      assertEquals("there is no table 'news'; there are [test]", e.getMessage());
    }
  }

  @Test
  void partsServedByDifferentVersionsAreNotJoined() {
    service.replacements.set(Integer.MAX_VALUE);
    SconeException e =
        assertThrows(
            SconeException.class, () -> client.match(TokenWindows.of(text(new Random(5), 200))));
    assertEquals(Status.Code.ABORTED, e.code());
  }

  @Test
  void aTableThatIsReplacedDuringACallIsAskedAgain() {
    client.serverInfo();
    int[] text = text(new Random(5), 200);
    client.match(TokenWindows.of(text));
    service.replacements.set(1);
    assertMatches(List.of(text), List.of(0), client.match(TokenWindows.of(text)));
  }

  @Test
  void aReplyThatContradictsItselfIsNotUsed() {
    service.lying = true;
    SconeException e =
        assertThrows(SconeException.class, () -> client.match(TokenWindows.of(fgram(5))));
    assertEquals(Status.Code.INTERNAL, e.code());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":7411",
        "host:",
        "host:0",
        "host:70000",
        "host:x",
        "::1",
        "a,,b",
        "a:1,",
        "dns:///",
        "dns:///a,b",
        "unix:",
        "unix:relative",
        "unix:/a,unix:/b",
        "http://host:1"
      })
  void anAddressThatIsNoneIsRefused(String address) {
    assertThrows(IllegalArgumentException.class, () -> SconeClient.builder(address));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "host",
        "host:7411",
        "127.0.0.1:1",
        "[::1]",
        "[::1]:7411",
        "a:1,b",
        "dns:///a:1",
        "unix:/run/scone.sock",
        "unix:///run/scone.sock"
      })
  void anAddressIsAHostOrSeveralOrANameOrASocket(String address) {
    SconeClient.connect(address).close();
  }

  @Test
  void theClassPathHoldsNeitherRocksDbNorOnnxRuntime() {
    for (String name : List.of("org.rocksdb.RocksDB", "ai.onnxruntime.OrtEnvironment")) {
      assertThrows(ClassNotFoundException.class, () -> Class.forName(name));
    }
  }

  private void assertMatches(List<int[]> texts, List<Integer> contexts, Matches matches) {
    int asked = 0;
    int match = 0;
    for (int window = 0; window < texts.size(); window++) {
      int[] text = texts.get(window);
      for (int i = contexts.get(window); i < text.length; i++, asked++) {
        long wanted = service.index().longestMatch(text, 0, i);
        if (wanted != FgramIndex.NONE) {
          assertEquals(asked, matches.position(match));
          assertEquals(FgramIndex.length(wanted), matches.length(match));
          assertRow(FgramIndex.ordinal(wanted), matches.rows(), matches.rowIndex(match++));
        }
      }
    }
    assertEquals(match, matches.count());
  }

  private static void assertRow(int ordinal, Rows rows, int row) {
    float[] values = new float[FgramService.DIM + 1];
    rows.decode(row, values, 1);
    assertArrayEquals(
        FgramService.row(ordinal), Arrays.copyOfRange(values, 1, values.length), ordinal / 512f);
  }

  private int[] fgram(int ordinal) {
    return service.fgrams().get(ordinal);
  }

  /** Returns text of which many positions end an f-gram. */
  private int[] text(Random random, int length) {
    int[] text = random.ints(length, 0, FgramService.VOCABULARY).toArray();
    for (int at = 0; at + FgramService.MAX_NGRAM < length; at += 1 + random.nextInt(9)) {
      int[] fgram = fgram(random.nextInt(service.fgrams().size()));
      System.arraycopy(fgram, 0, text, at, fgram.length);
    }
    return text;
  }
}
