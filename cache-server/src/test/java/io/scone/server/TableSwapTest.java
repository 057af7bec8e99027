package io.scone.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.scone.v1.ActivateTableRequest;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.ListTablesRequest;
import io.scone.v1.LoadTableRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.MatchResponse;
import io.scone.v1.StreamMatchRequest;
import io.scone.v1.StreamMatchResponse;
import io.scone.v1.TableServiceGrpc;
import io.scone.v1.TableServiceGrpc.TableServiceBlockingStub;
import io.scone.v1.UnloadTableRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Versions of a table that replace each other while clients read it. */
class TableSwapTest {
  private static final int SWAPS = 150;

  @TempDir private Path temporary;
  private final List<IdentifiedTable> tables = new ArrayList<>();
  private final Map<String, IdentifiedTable> byVersion = new HashMap<>();
  private final AtomicBoolean swapped = new AtomicBoolean();
  private CacheServer server;
  private ManagedChannel channel;

  @BeforeEach
  void start() throws Exception {
    for (int seed = 1; seed <= 3; seed++) {
      IdentifiedTable table = new IdentifiedTable(temporary.resolve("v" + seed), seed);
      tables.add(table);
      byVersion.put(table.version(), table);
    }
    server =
        CacheServer.start(
            ServerConfig.builder().listen(ListenConfig.at("127.0.0.1", 0)).build(),
            Map.of("wiki", tables.get(0).directory()));
    channel = NettyChannelBuilder.forAddress(server.address()).usePlaintext().build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.close();
  }

  @Test
  void noRequestFailsAndEveryReplyIsOfOneVersion() throws Exception {
    ExecutorService clients = Executors.newCachedThreadPool();
    try {
      List<Future<Set<String>>> served = new ArrayList<>();
      for (int client = 0; client < 3; client++) {
        Random random = new Random(client);
        served.add(clients.submit(() -> match(random)));
      }
      served.add(clients.submit(() -> streamMatches(new Random(9))));
      swap();
      swapped.set(true);
      for (Future<Set<String>> client : served) {
        assertEquals(byVersion.keySet(), client.get(60, TimeUnit.SECONDS));
      }
    } finally {
      clients.shutdownNow();
    }
    TableServiceBlockingStub admin = TableServiceGrpc.newBlockingStub(channel);
    int last = SWAPS % tables.size();
    IdentifiedTable backup = tables.get((last + 2) % tables.size());
    admin.unloadTable(
        UnloadTableRequest.newBuilder().setTable("wiki").setVersion(backup.version()).build());
    assertEquals(1, admin.listTables(ListTablesRequest.getDefaultInstance()).getTablesCount());
    assertTrue(!OpenFiles.under(tables.get(last).directory()).isEmpty());
    assertEquals(List.of(), OpenFiles.under(backup.directory()));
    assertEquals(List.of(), OpenFiles.under(tables.get((last + 1) % 3).directory()));
  }

  /** Replaces the version again and again; each replacement unloads the version before the last. */
  private void swap() {
    TableServiceBlockingStub admin = TableServiceGrpc.newBlockingStub(channel);
    for (int i = 1; i <= SWAPS; i++) {
      IdentifiedTable next = tables.get(i % tables.size());
      admin.loadTable(
          LoadTableRequest.newBuilder()
              .setTable("wiki")
              .setDirectory(next.directory().toString())
              .build());
      String previous =
          admin
              .activateTable(
                  ActivateTableRequest.newBuilder()
                      .setTable("wiki")
                      .setVersion(next.version())
                      .build())
              .getPreviousVersion();
      assertEquals(tables.get((i - 1) % tables.size()).version(), previous);
    }
  }

  /** Asks until the swaps are over; returns the versions that answered. */
  private Set<String> match(Random random) {
    Set<String> versions = new HashSet<>();
    var stub = EmbeddingServiceGrpc.newBlockingStub(channel);
    while (!swapped.get()) {
      MatchRequest request = tables.get(random.nextInt(tables.size())).windows(random);
      check(request, stub.match(request), versions);
    }
    return versions;
  }

  /** The same over one stream, several requests in flight. */
  private Set<String> streamMatches(Random random) throws Exception {
    Set<String> versions = new HashSet<>();
    BlockingQueue<Callable<StreamMatchResponse>> replies = new LinkedBlockingQueue<>();
    StreamObserver<StreamMatchRequest> requests =
        EmbeddingServiceGrpc.newStub(channel).streamMatch(new Queue(replies));
    List<MatchRequest> asked = new ArrayList<>();
    while (!swapped.get()) {
      for (int i = 0; i < 4; i++) {
        MatchRequest request = tables.get(random.nextInt(tables.size())).windows(random);
        asked.add(request);
        requests.onNext(StreamMatchRequest.newBuilder().setRequest(request).build());
      }
      for (MatchRequest request : asked) {
        check(request, replies.take().call().getResponse(), versions);
      }
      asked.clear();
    }
    requests.onCompleted();
    return versions;
  }

  private void check(MatchRequest request, MatchResponse reply, Set<String> versions) {
    String version = reply.getServedBy().getVersion();
    byVersion.get(version).assertServed(request, reply);
    versions.add(version);
  }

  /** Passes a stream's replies, and its failure, to the thread that takes them. */
  private record Queue(BlockingQueue<Callable<StreamMatchResponse>> replies)
      implements StreamObserver<StreamMatchResponse> {
    @Override
    public void onNext(StreamMatchResponse reply) {
      replies.add(() -> reply);
    }

    @Override
    public void onError(Throwable t) {
      replies.add(
          () -> {
            throw new AssertionError("the stream failed", t);
          });
    }

    @Override
    public void onCompleted() {}
  }
}
