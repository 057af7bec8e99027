package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.scone.table.TestTable;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A process that is told to stop while clients call it. */
class DrainTest {
  private static final int CLIENTS = 4;

  private final TestTable data = new TestTable(61, 500, 64);
  @TempDir private Path temporary;

  @Test
  void sigtermUnderLoadLosesNoCallAndNobodyIsRefusedBeforeBeingTold() throws Exception {
    data.build(temporary.resolve("table"));
    try (ServerProcess server =
        ServerProcess.start(temporary.resolve("table"), Duration.ofMillis(500))) {
      ManagedChannel channel = connect(server);
      ManagedChannel watching = connect(server);
      try {
        CountDownLatch told = watchHealth(watching);
        MatchRequest request = request();
        MatchResponse expected = EmbeddingServiceGrpc.newBlockingStub(channel).match(request);
        Stream stream = new Stream(channel);
        assertEquals(expected, stream.exchange(request));

        AtomicInteger answered = new AtomicInteger();
        AtomicInteger answeredAfterwards = new AtomicInteger();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
          clients.add(
              CompletableFuture.runAsync(
                  () -> {
                    while (true) {
                      boolean wasTold = told.getCount() == 0;
                      try {
                        assertEquals(
                            expected, EmbeddingServiceGrpc.newBlockingStub(channel).match(request));
                        (wasTold ? answeredAfterwards : answered).incrementAndGet();
                      } catch (StatusRuntimeException e) {
                        assertTrue(wasTold, () -> "a call begun before is lost: " + e.getStatus());
                        assertEquals(Status.Code.UNAVAILABLE, e.getStatus().getCode());
                        return;
                      }
                    }
                  }));
        }
        while (answered.get() < 100) {
          Thread.sleep(1);
        }
        server.process().destroy(); // SIGTERM
        for (CompletableFuture<Void> client : clients) {
          client.get(30, TimeUnit.SECONDS);
        }
        assertTrue(answeredAfterwards.get() > 0, "nobody was served after health had turned");

        assertEquals(expected, stream.exchange(request)); // it was begun before
        assertTrue(server.process().isAlive());
        stream.requests.onCompleted();
        assertTrue(server.process().waitFor(15, TimeUnit.SECONDS), "the watch holds it up");
        assertEquals(0, server.process().exitValue());
      } finally {
        channel.shutdownNow();
        watching.shutdownNow();
      }
    }
  }

  private static ManagedChannel connect(ServerProcess server) {
    return NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  /** Returns what opens once health is NOT_SERVING. */
  private static CountDownLatch watchHealth(ManagedChannel channel) throws InterruptedException {
    CountDownLatch serving = new CountDownLatch(1);
    CountDownLatch notServing = new CountDownLatch(1);
    HealthGrpc.newStub(channel)
        .watch(
            HealthCheckRequest.newBuilder().setService("scone.v1.EmbeddingService").build(),
            new StreamObserver<>() {
              @Override
              public void onNext(HealthCheckResponse health) {
                boolean serves = health.getStatus() == ServingStatus.SERVING;
                (serves ? serving : notServing).countDown();
              }

              @Override
              public void onError(Throwable t) {}

              @Override
              public void onCompleted() {}
            });
    assertTrue(serving.await(20, TimeUnit.SECONDS));
    return notServing;
  }

  private MatchRequest request() {
    MatchRequest.Builder request = MatchRequest.newBuilder();
    for (int token : data.text(new Random(1), 200)) {
      request.addTokens(token);
    }
    return request.build();
  }

  /** A stream of matches that stays open. */
  private static final class Stream implements StreamObserver<StreamMatchResponse> {
    private final BlockingQueue<StreamMatchResponse> replies = new LinkedBlockingQueue<>();
    private final StreamObserver<StreamMatchRequest> requests;

    Stream(ManagedChannel channel) {
      requests = EmbeddingServiceGrpc.newStub(channel).streamMatch(this);
    }

    MatchResponse exchange(MatchRequest request) throws InterruptedException {
      requests.onNext(StreamMatchRequest.newBuilder().setRequest(request).build());
      StreamMatchResponse reply = replies.poll(20, TimeUnit.SECONDS);
      assertTrue(reply != null, "there is no reply");
      return reply.getResponse();
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
}
