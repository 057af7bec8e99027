package io.scone.server;

import io.netty.channel.Channel;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The most connections that all listeners take together: what comes beyond is closed as it is
 * accepted, before it costs a handshake. It stands in the pipeline of each listening channel.
 */
@ChannelHandler.Sharable
final class ConnectionLimit extends ChannelInboundHandlerAdapter {
  private final int most;
  private final AtomicInteger open = new AtomicInteger();
  private final LongAdder refused = new LongAdder();

  ConnectionLimit(int most) {
    this.most = most;
  }

  /** Returns how many connections were closed because there were too many. */
  long refused() {
    return refused.sum();
  }

  /** Takes a connection that was accepted, or closes it. */
  @Override
  public void channelRead(ChannelHandlerContext context, Object accepted) {
    Channel connection = (Channel) accepted;
    if (open.incrementAndGet() > most) {
      open.decrementAndGet();
      refused.increment();
      connection.unsafe().closeForcibly(); // it has no event loop yet that could close it
      return;
    }
    connection.closeFuture().addListener(closed -> open.decrementAndGet());
    context.fireChannelRead(connection);
  }
}
