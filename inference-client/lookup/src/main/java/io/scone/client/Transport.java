package io.scone.client;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.TimeUnit;

/** The event loops that carry a client's connections: epoll on Linux, else NIO. */
final class Transport implements AutoCloseable {
  private final EventLoopGroup loops;

  Transport(int threads) {
    IoHandlerFactory io =
        Epoll.isAvailable() ? EpollIoHandler.newFactory() : NioIoHandler.newFactory();
    loops =
        new MultiThreadIoEventLoopGroup(
            threads, new DefaultThreadFactory("scone-client", true), io);
  }

  EventLoopGroup loops() {
    return loops;
  }

  Class<? extends Channel> channelType() {
    return Epoll.isAvailable() ? EpollSocketChannel.class : NioSocketChannel.class;
  }

  /** Says whether this thread is one of the event loops, which nothing may hold up. */
  boolean isEventLoop() {
    for (EventExecutor loop : loops) {
      if (loop.inEventLoop()) {
        return true;
      }
    }
    return false;
  }

  /** Ends the threads, without waiting for it; the channels on them must have terminated. */
  @Override
  public void close() {
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
