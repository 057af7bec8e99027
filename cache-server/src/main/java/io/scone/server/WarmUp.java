package io.scone.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.MetadataUtils;
import io.scone.v1.EmbeddingServiceGrpc;
import io.scone.v1.EmbeddingServiceGrpc.EmbeddingServiceBlockingStub;
import io.scone.v1.LookupRequest;
import io.scone.v1.MatchRequest;
import io.scone.v1.TableSelector;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The first calls of a server, made by itself so that no user waits for them.
 *
 * <p>They go over a listener of their own on loopback, which takes a token that nobody else has:
 * whatever the server asks of its callers, it can call itself, and nobody else gains a way in.
 */
final class WarmUp {
  private static final int FGRAMS = 64;
  private static final int CALLS = 200;
  private static final long NANOS = TimeUnit.MILLISECONDS.toNanos(500);

  private static final int TOKEN_BYTES = 32;
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  private WarmUp() {}

  /**
   * Calls every table until its calls are fast, half a second at most.
   *
   * @throws IOException if the server does not answer itself
   */
  static void run(
      Transport transport,
      UnaryOperator<NettyServerBuilder> services,
      List<ServedTable> tables,
      RequestLimits limits)
      throws IOException {
    byte[] secret = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(secret);
    String token = Base64.getUrlEncoder().withoutPadding().encodeToString(secret);
    AccessTokens tokens = AccessTokens.of(token, Right.READ);
    InetSocketAddress loopback = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    Server server =
        services
            .apply(transport.listen(loopback, InsecureServerCredentials.create()))
            .intercept(new Authorization(() -> tokens))
            .build()
            .start();
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(server.getListenSockets().get(0)).usePlaintext().build();
    try {
      EmbeddingServiceBlockingStub stub =
          EmbeddingServiceGrpc.newBlockingStub(channel)
              .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(bearer(token)));
      for (ServedTable table : tables) {
        call(stub, table, limits);
      }
    } catch (StatusRuntimeException e) {
      throw new IOException("the server cannot answer itself: " + e.getStatus(), e);
    } finally {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  private static Metadata bearer(String token) {
    Metadata headers = new Metadata();
    headers.put(Authorization.HEADER, Authorization.SCHEME + token);
    return headers;
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
