package io.scone.server;

import io.netty.buffer.PooledByteBufAllocator;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.util.concurrent.TimeUnit;

/**
 * The event loops that accept and carry a server's connections, epoll on Linux, else NIO, and the
 * memory outside the heap that they write from.
 */
final class Transport {
  private final EventLoopGroup acceptor;
  private final EventLoopGroup loops;
  private final PooledByteBufAllocator allocator = new PooledByteBufAllocator(true);

  Transport(int eventLoops) {
    acceptor = group("scone-accept", 1);
    loops = group("scone-io", eventLoops);
  }

  EventLoopGroup acceptor() {
    return acceptor;
  }

  EventLoopGroup loops() {
    return loops;
  }

  /** Returns where connections have their buffers from. */
  PooledByteBufAllocator allocator() {
    return allocator;
  }

  Class<? extends ServerChannel> channelType() {
    return Epoll.isAvailable() ? EpollServerSocketChannel.class : NioServerSocketChannel.class;
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
