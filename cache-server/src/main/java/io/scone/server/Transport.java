package io.scone.server;

import io.grpc.ServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.net.SocketAddress;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that accept and carry a server's connections, epoll on Linux, else NIO, and the
 * memory outside the heap that they write from.
 */
final class Transport {
  private final EventLoopGroup acceptor;
  private final EventLoopGroup loops;
  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);

  private final ConnectionLimit limit;

  /** Makes event loops for as many connections as there may be. */
  Transport(int eventLoops, ConnectionLimit limit) {
    this.limit = limit;
    acceptor = group("scone-accept", 1);
    loops = group("scone-io", eventLoops);
  }

  /**
   * Returns a builder of a server on these event loops.
   *
   * @param address a TCP address or, with epoll, a Unix socket's
   * @throws IllegalArgumentException if the address is of a kind that this system has not
   */
  NettyServerBuilder listen(SocketAddress address, ServerCredentials credentials) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address, credentials)
            .channelFactory(channels(address))
            .bossEventLoopGroup(acceptor)
            .workerEventLoopGroup(loops)
            .withChildOption(ChannelOption.ALLOCATOR, allocator);
    if (address instanceof DomainSocketAddress) {
      // gRPC sets it on every connection; on one that cannot have it Netty would log a warning.
      builder.withChildOption(ChannelOption.SO_KEEPALIVE, null);
    }
    return builder;
  }

  /** Returns where connections have their buffers from. */
  PooledByteBufAllocator allocator() {
    return allocator;
  }

  private ChannelFactory<ServerChannel> channels(SocketAddress address) {
    boolean unix = address instanceof DomainSocketAddress;
    if (unix && !Epoll.isAvailable()) {
      throw new IllegalArgumentException("Unix sockets are served on Linux only");
    }
    return () -> {
      ServerChannel channel =
          unix
              ? new EpollServerDomainSocketChannel()
              : Epoll.isAvailable() ? new EpollServerSocketChannel() : new NioServerSocketChannel();
      channel.pipeline().addFirst(limit);
      return channel;
    };
  }

  /** Ends the threads; the server on them must have terminated. */
  void close() {
    acceptor.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
  }

  private static EventLoopGroup group(String name, int threads) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    return new MultiThreadIoEventLoopGroup(threads, new DefaultThreadFactory(name, true), io);
  }
}
