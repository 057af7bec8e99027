package io.scone.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.grpc.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Small requests that share a call, and what becomes of them where it ends. */
@Timeout(60)
class MatchStreamTest {
  private static final TokenWindows WINDOWS = TokenWindows.of(1, 2, 3);

  private FgramService service;
  private SconeClient client;

  @BeforeEach
  void start() throws IOException {
    service = new FgramService(3);
    client = SconeClient.builder(service.address()).connections(1).build();
    client.match(WINDOWS); // and so there is a connection
  }

  @AfterEach
  void stop() {
    client.close();
    service.close();
  }

  @Test
  void requestsShareACallAndEachGetsItsReply() {
    List<CompletableFuture<Matches>> replies = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      replies.add(client.matchAsync(TokenWindows.of(service.fgrams().get(i))));
    }
    for (int i = 0; i < 20; i++) {
      Matches matches = replies.get(i).join();
      int last = matches.count() - 1;
      assertEquals(service.fgrams().get(i).length, matches.length(last));
      float[] row = new float[FgramService.DIM];
      matches.rows().decode(matches.rowIndex(last), row, 0);
      assertEquals(i, row[0]);
    }
    assertEquals(1, service.streams.get());
    assertEquals(21, service.requests.get() - 1); // one asked what is served
  }

  @Test
  void aCallThatIsOldEndsAndAnotherTakesItsPlace() throws InterruptedException {
    client.match(WINDOWS);
    while (service.streamsEnded.get() == 0) {
      Thread.sleep(10);
    }
    client.match(WINDOWS);
    assertEquals(2, service.streams.get());
  }

  @Test
  void aRequestWithoutAReplyHoldsUpNoOther() {
    client.match(WINDOWS);
    service.silences.set(1);
    SconeClient hasty = client.withDeadline(Duration.ofMillis(100));
    CompletableFuture<Matches> silent = hasty.matchAsync(WINDOWS);
    CompletableFuture<Matches> behind = client.matchAsync(WINDOWS);
    SconeException e = assertThrows(SconeException.class, () -> client.await(silent));
    assertEquals(Status.Code.DEADLINE_EXCEEDED, e.code());
    client.await(behind);
  }

  @Test
  void aServerThatEndsTheSharedCallIsAskedAgainForAllThatWait() {
    client.match(WINDOWS);
    service.refusals.set(1);
    List<CompletableFuture<Matches>> replies = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      replies.add(client.matchAsync(WINDOWS));
    }
    replies.forEach(client::await);
  }
}
