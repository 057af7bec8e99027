package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a client does about servers that are slow, busy, away or several. */
class ResilienceTest {
  private static final TokenWindows WINDOWS = TokenWindows.of(1, 2, 3);

  private FgramService service;

  @BeforeEach
  void start() throws IOException {
    service = new FgramService(3);
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Test
  void callsThatOverlapAreSpreadOverTheConnectionsAndOthersTakeOne() {
    try (SconeClient client = SconeClient.builder(service.address()).connections(3).build()) {
      for (int i = 0; i < 10; i++) {
        client.match(WINDOWS);
      }
      assertEquals(1, service.peers.size());
      service.silences.set(6);
      List<CompletableFuture<Matches>> unanswered = new ArrayList<>();
      for (int i = 0; i < 6; i++) {
        unanswered.add(client.withDeadline(Duration.ofMillis(200)).matchAsync(WINDOWS));
      }
      unanswered.forEach(call -> assertThrows(Exception.class, call::join));
      assertEquals(3, service.peers.size());
    }
  }

  @Test
  void aDeadlineIsThatOfTheCall() {
    try (SconeClient client = SconeClient.connect(service.address())) {
      SconeClient hasty = client.withDeadline(Duration.ofMillis(100));
      client.match(WINDOWS);
      service.silences.set(1);
      SconeException e = assertThrows(SconeException.class, () -> hasty.match(WINDOWS));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, e.code());
      hasty.withDeadline(Duration.ofSeconds(10)).match(WINDOWS);
      client.match(WINDOWS);
    }
  }

  @Test
  void aServerWithTooMuchToDoIsAskedAgainWhenItSaysSo() {
    try (SconeClient client = SconeClient.connect(service.address())) {
      client.match(WINDOWS);
      service.overloads.set(3);
      client.match(WINDOWS);
      assertEquals(3, client.statistics().overloads());
      service.overloads.set(Integer.MAX_VALUE);
      SconeException e = assertThrows(SconeException.class, () -> client.match(WINDOWS));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.code());
      assertEquals("too many requests", e.getMessage());
      assertEquals(Duration.ofMillis(1), e.retryDelay().orElseThrow());
    }
  }

  @Test
  void aClientThatFailsFastAsksOnce() {
    try (SconeClient client = SconeClient.builder(service.address()).failFast().build()) {
      client.match(WINDOWS);
      int before = service.requests.get();
      service.overloads.set(1);
      assertThrows(SconeException.class, () -> client.match(WINDOWS));
      assertEquals(before + 1, service.requests.get());
      client.serverInfo();
      service.refusals.set(1);
      SconeException e = assertThrows(SconeException.class, () -> client.match(WINDOWS));
      assertEquals(Status.Code.UNAVAILABLE, e.code());
    }
  }

  @Test
  void limitsThatHaveBecomeNarrowerAreLearned() {
    try (SconeClient client = SconeClient.connect(service.address())) {
      int[] text = new int[25];
      client.match(TokenWindows.of(text));
      service.maxTokens = 10;
      assertEquals(0, client.match(TokenWindows.of(text)).count());
      long requests = client.statistics().requests();
      client.match(TokenWindows.of(text));
      assertEquals(requests + 4, client.statistics().requests());
    }
  }

  @Test
  void aHedgedCallTakesTheReplyThatComesFirst() {
    try (SconeClient client =
        SconeClient.builder(service.address()).hedging(Duration.ofMillis(20), 3).build()) {
      client.match(WINDOWS);
      service.silences.set(2);
      client.match(WINDOWS);
      assertThrows(
          IllegalArgumentException.class, () -> SconeClient.builder("a").hedging(Duration.ZERO, 1));
    }
  }

  @Test
  void aClientWaitsForAServerIfItIsTold() throws IOException {
    int port = unusedPort();
    try (SconeClient client =
        SconeClient.builder("localhost:" + port)
            .waitForServer()
            .deadline(Duration.ofSeconds(60))
            .build()) {
      CompletableFuture<Matches> waiting = client.matchAsync(WINDOWS);
      assertThrows(
          SconeException.class, () -> client.withDeadline(Duration.ofMillis(50)).match(WINDOWS));
      assertFalse(waiting.isDone());
      try (FgramService late = new FgramService(3, at(port))) {
        assertEquals("test", waiting.join().servedBy().getTable());
        assertTrue(late.requests.get() > 0);
      }
    }
  }

  @Test
  void aServerThatCameBackIsFoundAgain() throws IOException {
    int port = service.port();
    try (SconeClient client = SconeClient.connect(service.address())) {
      client.match(WINDOWS);
      service.close();
      SconeClient brief = client.withDeadline(Duration.ofMillis(300));
      assertThrows(SconeException.class, () -> brief.match(WINDOWS));
      service = new FgramService(3, at(port));
      client.match(WINDOWS);
    }
  }

  @Test
  void replicasTakeCallsInTurnAndThoseThatDoNotServeGetNone() throws IOException {
    try (FgramService other = new FgramService(3);
        SconeClient client =
            SconeClient.builder(service.address() + "," + other.address()).connections(1).build()) {
      while (service.requests.get() < 3 || other.requests.get() < 3) {
        client.match(WINDOWS);
      }
      other.serving(false);
      awaitNoCalls(client, other);
      other.serving(true);
      int before = other.requests.get();
      while (other.requests.get() == before) {
        client.match(WINDOWS);
      }
      service.close();
      for (int i = 0; i < 20; i++) {
        client.match(WINDOWS);
      }
    }
  }

  @Test
  void aHostOfTheListThatIsUnknownIsLeftOut() {
    try (SconeClient client = SconeClient.connect("no-such-host.invalid:1," + service.address())) {
      client.match(WINDOWS);
    }
  }

  @Test
  void statisticsTellWhatWasDone() {
    try (SconeClient client = SconeClient.connect(service.address())) {
      int[] fgram = service.fgrams().get(3);
      Matches matches = client.match(TokenWindows.of(fgram));
      client.withDeadline(Duration.ofSeconds(5)).lookup(List.of(fgram));
      assertThrows(
          SconeException.class,
          () -> client.withDeadline(Duration.ofNanos(1)).contains(List.of(fgram)));
      Statistics statistics = client.statistics();
      assertEquals(3, statistics.calls());
      assertEquals(1, statistics.failures());
      assertEquals(matches.rows().count() + 1, statistics.rows());
      assertTrue(statistics.bytesReceived() > statistics.rows() * FgramService.DIM * 2);
      assertTrue(statistics.bytesSent() > 0);
      assertTrue(statistics.requests() >= 3);
      assertTrue(statistics.max().compareTo(statistics.median()) >= 0);
    }
  }

  /** Calls until one of two replicas has had none for a while. */
  private static void awaitNoCalls(SconeClient client, FgramService replica) {
    for (int quiet = 0; quiet < 20; ) {
      int before = replica.requests.get();
      client.match(WINDOWS);
      quiet = replica.requests.get() == before ? quiet + 1 : 0;
    }
  }

  private static NettyServerBuilder at(int port) {
    return NettyServerBuilder.forAddress(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private static int unusedPort() throws IOException {
    try (ServerSocket unused = new ServerSocket(0)) {
      return unused.getLocalPort();
    }
  }
}
