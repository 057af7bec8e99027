package io.scone.serve;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.util.concurrent.atomic.AtomicInteger;

/** The count of open connections; those above the limit are closed at once. */
@SuppressWarnings("FutureReturnValueIgnored") // a write that fails closes the connection
@Sharable
final class Connections extends ChannelInboundHandlerAdapter {
  private final int limit;
  private final AtomicInteger open = new AtomicInteger();

  Connections(int limit) {
    this.limit = limit;
  }

  int open() {
    return open.get();
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    if (open.incrementAndGet() > limit) {
      context.close();
    } else {
      context.fireChannelActive();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    open.decrementAndGet();
    context.fireChannelInactive();
  }
}
