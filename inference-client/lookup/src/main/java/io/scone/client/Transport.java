package io.scone.client;

import io.grpc.Status;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.Epoll;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.EventExecutor;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
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

  /**
   * Returns the type of a Unix socket.
   *
   * @throws IllegalArgumentException if there is none on this system
   */
  Class<? extends Channel> unixChannelType() {
    if (!Epoll.isAvailable()) {
      throw new IllegalArgumentException("Unix sockets are supported on Linux only");
    }
    return EpollDomainSocketChannel.class;
  }

  /** Does some work on an event loop after a while, unless they are closed by then. */
  void schedule(Runnable work, long nanos) {
    if (!loops.isShuttingDown()) {
      var unused = loops.schedule(work, nanos, TimeUnit.NANOSECONDS);
    }
  }

  /** Does some short work on an event loop; returns false if they are closed. */
  boolean execute(Runnable work) {
    try {
      loops.execute(work);
      return true;
    } catch (RejectedExecutionException e) {
      return false;
    }
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

  /**
   * Waits for a call.
   *
   * @throws SconeException if it fails
   * @throws IllegalStateException on an event loop
   */
  <R> R await(CompletableFuture<R> future) {
    if (!future.isDone() && isEventLoop()) {
      throw new IllegalStateException(
          "a thread that reads replies cannot wait for one; chain the work with thenApplyAsync");
    }
    try {
      return future.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof SconeException failure) {
        throw failure.rethrown();
      }
      throw new IllegalStateException("a call failed in an unforeseen way", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SconeException(Status.Code.CANCELLED, "interrupted while waiting", e);
    }
  }

  /** Ends the threads, without waiting for it; the channels on them must have terminated. */
  @Override
  public void close() {
    var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
