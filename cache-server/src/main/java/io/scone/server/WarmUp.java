package io.scone.server;

import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.EmbeddingServiceGrpc.EmbeddingServiceBlockingStub;
import io.scone.v1.LookupRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.TableSelector;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The first calls of a server, made by itself over its own socket so that no user waits for them.
 */
final class WarmUp {
  private static final int FGRAMS = 64;
  private static final int CALLS = 200;
  private static final long NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private WarmUp() {}

  /**
   * Calls every table until its calls are fast, a second at most.
   *
   * @throws IOException if the server does not answer itself
   */
  static void run(InetSocketAddress address, List<ServedTable> tables, RequestLimits limits)
      throws IOException {
    ManagedChannel channel = NettyChannelBuilder.forAddress(address).usePlaintext().build();
    try {
      EmbeddingServiceBlockingStub stub = EmbeddingServiceGrpc.newBlockingStub(channel);
      for (ServedTable table : tables) {
        call(stub, table, limits);
      }
    } catch (StatusRuntimeException e) {
      throw new IOException("the server cannot answer itself: " + e.getStatus(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  private static void call(
      EmbeddingServiceBlockingStub stub, ServedTable table, RequestLimits limits)
      throws IOException {
    int mostRows = (int) Math.min(FGRAMS, limits.maxRowBytes() / table.rowBytes());
    TableSelector selector = TableSelector.newBuilder().setTable(table.name()).build();
    MatchRequest.Builder match = MatchRequest.newBuilder().setSelector(selector);
    LookupRequest.Builder lookup = LookupRequest.newBuilder().setSelector(selector);
    for (int[] fgram : table.table().firstFgrams(FGRAMS)) {
      int tokens = match.getTokensCount() + fgram.length;
      if (tokens > Math.min(limits.maxTokens(), mostRows)
          || lookup.getLengthsCount() == limits.maxFgrams()) {
        break;
      }
      for (int token : fgram) {
        match.addTokens(token);
        lookup.addTokens(token);
      }
      lookup.addLengths(fgram.length);
    }
    long end = System.nanoTime() + NANOS;
    for (int i = 0; i < CALLS && System.nanoTime() - end < 0; i++) {
      stub.withDeadlineAfter(DEADLINE).match(match.build());
      stub.withDeadlineAfter(DEADLINE).lookup(lookup.build());
    }
  }
}
