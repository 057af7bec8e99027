package io.scone.server;

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

/**
 * The listeners of a server: TCP, a Unix socket, or both.
 *
 * <p>Each is a gRPC server of its own, because one has a single type of channel; they share threads
 * and services.
 */
final class Listeners {
  private final ListenConfig config;
  private final Optional<Server> tcp;
  private final Optional<Server> unix;

  /**
   * Makes the listeners.
   *
   * @param transport the threads that carry the connections
   * @param security checks who calls
   * @param services adds what every listener offers
   */
  Listeners(
      ListenConfig config,
      Transport transport,
      Security security,
      UnaryOperator<NettyServerBuilder> services) {
    this.config = config;
    this.tcp =
        config
            .tcp()
            .map(
                address ->
                    transport.listen(
                        new InetSocketAddress(address.host(), address.port()),
                        security.tcpCredentials()))
            .map(builder -> security.guardTcp(services.apply(builder)).build());
    this.unix =
        config
            .unixSocket()
            .map(
                socket ->
                    transport.listen(
                        new DomainSocketAddress(socket.path().toFile()),
                        InsecureServerCredentials.create()))
            .map(builder -> security.guard(services.apply(builder)).build());
  }

  /**
   * Starts to listen.
   *
   * @throws IOException if an address cannot be listened on; the message is a sentence
   */
  void start() throws IOException {
    if (tcp.isPresent()) {
      try {
        tcp.get().start();
      } catch (IOException e) {
        ListenConfig.Tcp address = config.tcp().orElseThrow();
        throw cannotListen(name(address.host(), address.port()), e);
      }
    }
    if (unix.isPresent()) {
      ListenConfig.UnixSocket socket = config.unixSocket().orElseThrow();
      SocketFile file = new SocketFile(socket);
      try {
        file.makeRoom();
        unix.get().start();
        file.setPermissions();
      } catch (IOException e) {
        throw cannotListen(name(socket), e);
      }
    }
  }

  /**
   * Returns the TCP address in use.
   *
   * @throws IllegalStateException if there is none
   */
  InetSocketAddress tcpAddress() {
    Server server = tcp.orElseThrow(() -> new IllegalStateException("there is no TCP listener"));
    return (InetSocketAddress) server.getListenSockets().get(0);
  }

  /** Returns the addresses in use as clients name them. */
  List<String> addresses() {
    List<String> addresses = new ArrayList<>();
    config.tcp().ifPresent(address -> addresses.add(name(address.host(), tcpAddress().getPort())));
    config.unixSocket().ifPresent(socket -> addresses.add(name(socket)));
    return addresses;
  }

  /** Stops listening; the socket's file goes. Calls under way go on. */
  void shutdown() {
    all().forEach(Server::shutdown);
  }

  /** Cancels the calls under way. */
  void shutdownNow() {
    all().forEach(Server::shutdownNow);
  }

  /** Waits until all calls have ended, after {@link #shutdown}. */
  void awaitTermination() throws InterruptedException {
    for (Server server : all()) {
      server.awaitTermination();
    }
  }

  /** Waits until all calls have ended, and says whether they have within the timeout. */
  boolean awaitTermination(Duration timeout) throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    boolean terminated = true;
    for (Server server : all()) {
      long left = Math.max(0, end - System.nanoTime());
      terminated &= server.awaitTermination(left, TimeUnit.NANOSECONDS);
    }
    return terminated;
  }

  private List<Server> all() {
    List<Server> servers = new ArrayList<>();
    tcp.ifPresent(servers::add);
    unix.ifPresent(servers::add);
    return servers;
  }

  private static String name(String host, int port) {
    return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
  }

  private static String name(ListenConfig.UnixSocket socket) {
    return "unix:" + socket.path();
  }

  private static IOException cannotListen(String where, IOException e) {
    String cause =
        String.valueOf(e.getCause() == null ? e.getMessage() : e.getCause().getMessage());
    String reason =
        cause.contains("Address already in use")
            ? "another program has that port; stop it or choose another port"
            : cause;
    return new IOException("cannot listen on " + where + ": " + reason, e);
  }
}
