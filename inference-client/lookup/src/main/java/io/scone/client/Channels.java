package io.scone.client;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.scone.v1.EmbeddingServiceGrpc;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** Makes channels: what is the same for all calls over one is set here and nowhere else. */
final class Channels {
  private static final int FLOW_CONTROL_WINDOW = 8 << 20;

  private Channels() {}

  /**
   * Returns a channel, which connects when it is first used.
   *
   * @throws IllegalArgumentException if a file of the TLS configuration cannot be used, or this
   *     system has no Unix sockets that Netty knows
   */
  static ManagedChannel open(ServerAddress address, ConnectionConfig config, Transport transport) {
    NettyChannelBuilder builder = builder(address, transport);
    Tls tls = config.tls();
    if (tls == null) {
      builder.usePlaintext();
    } else {
      builder.sslContext(tls.context());
      if (tls.serverName() != null) {
        builder.overrideAuthority(tls.serverName());
      }
    }
    return builder
        .eventLoopGroup(transport.loops())
        .directExecutor() // replies are parsed on the event loop, without a change of threads
        .flowControlWindow(FLOW_CONTROL_WINDOW)
        .keepAliveTime(config.keepAlive().toNanos(), TimeUnit.NANOSECONDS)
        .keepAliveWithoutCalls(true) // or the first call after a pause finds a dead connection
        .defaultServiceConfig(serviceConfig(address, config))
        .disableServiceConfigLookUp()
        .build();
  }

  private static NettyChannelBuilder builder(ServerAddress address, Transport transport) {
    if (address.socket() != null) {
      return NettyChannelBuilder.forAddress(new DomainSocketAddress(address.socket()))
          .channelType(transport.unixChannelType())
          // gRPC sets these on every connection; on one that cannot have them Netty logs a warning.
          .withOption(ChannelOption.SO_KEEPALIVE, null)
          .withOption(EpollChannelOption.TCP_USER_TIMEOUT, null)
          .overrideAuthority("localhost");
    }
    ServerAddress.Host first = address.hosts().get(0);
    NettyChannelBuilder builder =
        address.hosts().size() > 1
            ? NettyChannelBuilder.forTarget(ReplicaResolver.target(address.hosts()))
            : NettyChannelBuilder.forAddress(first.name(), first.port()); // by the DNS
    return builder.channelType(transport.channelType());
  }

  private static Map<String, ?> serviceConfig(ServerAddress address, ConnectionConfig config) {
    Map<String, Object> service = new LinkedHashMap<>();
    if (address.isReplicated()) {
      service.put("loadBalancingConfig", List.of(Map.of("round_robin", Map.of())));
      service.put("healthCheckConfig", Map.of("serviceName", EmbeddingServiceGrpc.SERVICE_NAME));
    }
    Map<String, Object> method = new LinkedHashMap<>();
    // Its calls change nothing on the server, so that one may be made again at any time.
    method.put("name", List.of(Map.of("service", EmbeddingServiceGrpc.SERVICE_NAME)));
    if (config.hedging() != null) {
      method.put(
          "hedgingPolicy",
          Map.of(
              "maxAttempts",
              (double) config.hedging().attempts(),
              "hedgingDelay",
              seconds(config.hedging().delay()),
              "nonFatalStatusCodes",
              List.of("UNAVAILABLE")));
    } else if (config.unavailable() != ConnectionConfig.Unavailable.FAIL) {
      method.put(
          "retryPolicy",
          Map.of(
              "maxAttempts",
              5.0,
              "initialBackoff",
              "0.1s",
              "maxBackoff",
              "1s",
              "backoffMultiplier",
              2.5,
              "retryableStatusCodes",
              List.of("UNAVAILABLE")));
    }
    service.put("methodConfig", List.of(method));
    return service;
  }

  private static String seconds(Duration duration) {
    return BigDecimal.valueOf(duration.toNanos(), 9).toPlainString() + "s";
  }
}
